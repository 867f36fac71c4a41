import { expect, test } from 'vitest'
import { explainCall, sys } from '@ctr/syscall'
import { assemble } from './assemble.ts'
import { rowAddress, weave } from './weave.ts'

const program = [sys.getpid('first'), sys.getppid('second'), sys.getuid('third')]
const woven = (...args: Parameters<typeof weave>) => weave(...args).map(({ call, index, fault }) => `${index} ${explainCall(call)}${fault ? ' not made' : ''}`)

test('nothing is added where nothing is wanted', () => {
  expect(woven(program)).toEqual(['0 getpid()', '1 getppid()', '2 getuid()'])
})

test('trace: the clock around each call but the first', () => {
  expect(woven(program.slice(0, 2), { trace: true })).toEqual(['0 getpid()', '1 clock_gettime(CLOCK_MONOTONIC, …)', '1 getppid()', '1 clock_gettime(CLOCK_MONOTONIC, …)'])
  expect(weave(program, { trace: true }).filter(({ call }) => call.name === 'clock_gettime').map(({ call }) => call.args[1])).toEqual([1, 2].flatMap((i) => [rowAddress(i), rowAddress(i) + 16]))
})

test('step: a checkpoint in front of each call but the first', () => {
  expect(woven(program, { step: true })).toEqual(['0 getpid()', ...[1, 2].flatMap((i) => [`${i} write(control, "step ${i}\\n", 7)`, `${i} read(control, …, 1)`, `${i} ${['', 'getppid()', 'getuid()'][i]}`])])
})

test('the wait of a step is not in the time of its call', () => {
  expect(weave(program.slice(0, 2), { trace: true, step: true }).map(({ call }) => call.name)).toEqual(['getpid', 'write', 'read', 'clock_gettime', 'getppid', 'clock_gettime'])
})

test('faults: in place of a call, or behind it', () => {
  expect(woven(program, { fault: { index: 1, when: 'before' } })).toEqual(['0 getpid()', '1 getppid() not made', '2 getuid()'])
  expect(woven(program, { fault: { index: 1, when: 'after' } })).toEqual(['0 getpid()', '1 getppid()', '1 getppid() not made', '2 getuid()'])
  expect(() => weave(program, { fault: { index: 3, when: 'after' } })).toThrow('Cannot make call 3 fail: there are 3')
})

test('what is woven in is assembled too', () => {
  const plan = { program, open: { control: 3 }, forks: [] }
  const size = assemble(plan, 'x64').length
  expect(assemble(plan, 'x64', { trace: true }).length).toBeGreaterThan(size)
  expect(assemble(plan, 'x64', { step: true }).length).toBeGreaterThan(size)
})
