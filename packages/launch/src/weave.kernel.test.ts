import { readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sys, SyscallError, type Program } from '@ctr/syscall'
import { checkpoint, launch, planFor, type LaunchOptions } from './index.ts'
import { images } from '../test/images.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { run, shell, text } from '../test/shell.ts'

const program: Program = [
  sys.openat('AT_FDCWD', '/', ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'root', why: 'a place to work from' }),
  sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'mounts must not reach the host'),
  sys.mount('tmpfs', '/mnt', 'tmpfs', ['MS_NOSUID'], null, 'something that could be left behind'),
  ...checkpoint('middle'),
  sys.mkdirat('AT_FDCWD', '/mnt/new', 0o755, { why: 'it may be there', allow: ['EEXIST'] }),
  sys.sethostname('woven', 'a name of its own'),
  sys.fchdir({ fd: 'root' }, 'a known directory'),
  sys.close({ fd: 'root' }, 'not for the command'),
  shell('hostname'),
]
const options: LaunchOptions = {
  namespaces: ['CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWPID', 'CLONE_NEWUSER'],
  idMaps: { uid: [[0, 0, 4294967295]], gid: [[0, 0, 4294967295]] },
  checkpoints: { middle: () => {} }, stdio: ['ignore', 'pipe', 'inherit'],
}
const plan = planFor(program, options)
const indexes = plan.program.map((_, index) => index)
await run('true')

test('trace: a time before and after each call, in order', async () => {
  const p = await launch(program, { ...options, trace: true })
  expect(await text(p.stdout)).toBe('woven\n')
  await p.exited
  const times = p.times()
  expect(times.map(({ index }) => index)).toEqual(indexes.slice(1))
  const moments = times.flatMap(({ start, end }) => (end === undefined ? [start] : [start, end]))
  expect(moments).toEqual([...moments].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
  // execve alone does not return.
  expect(times.filter(({ end }) => end === undefined).map(({ index }) => index)).toEqual([indexes.at(-1)])
  expect(Number(moments.at(-1)! - moments[0]!)).toBeLessThan(10e9)
})

test('without trace there are no times', async () => {
  await using p = await launch(program, options)
  expect(p.times()).toEqual([])
  p.kill()
  await p.exited
  expect(p.times()).toEqual([])
})

test('step: each call waits for its turn, and what has been built can be seen', async () => {
  const seen: number[] = []
  const hosts: string[] = []
  const clone = plan.program.findIndex(({ name }) => name === 'clone3')
  const p = await launch(program, { ...options, step: async (index, call, process) => {
    seen.push(index)
    expect(call).toEqual(plan.program[index])
    const other = readlinkSync(`/proc/${process.pid}/ns/uts`) !== readlinkSync('/proc/self/ns/uts')
    expect(other).toBe(index > clone)
    if (call.name === 'mkdirat') hosts.push(readFileSync(`/proc/${process.pid}/mountinfo`, 'utf8').includes(' /mnt ') ? 'mounted' : 'not mounted')
    await Promise.resolve()
  } })
  expect(seen).toEqual(indexes.slice(1))
  expect(hosts).toEqual(['mounted'])
  expect(await text(p.stdout)).toBe('woven\n')
})

describe.each(images)('as a %s', (image) => {
  test.each(['before', 'after'] as const)('a fault %s any call is reported with its index, and nothing is left', async (when) => {
    const before = await census()
    for (const index of indexes) {
      const started = launch(program, { ...options, image, fault: { index, when } })
      if (when === 'after' && index === indexes.at(-1)) {
        // Nothing comes after an execve that succeeds.
        await using p = await started
        await p.exited
        continue
      }
      const error = (await started.then(() => undefined, (e: unknown) => e)) as SyscallError
      expect(error).toBeInstanceOf(SyscallError)
      expect(error).toMatchObject({ index, code: 'ENOSYS', call: plan.program[index] })
    }
    await expectNothingLeft(before)
  })

  test('killed at any call, it is reported with its index, and nothing is left', async () => {
    const before = await census()
    for (const index of indexes.slice(1)) {
      const error = (await launch(program, { ...options, image, step: (at, _call, process) => { if (at === index) process.kill() } }).then(() => undefined, (e: unknown) => e)) as SyscallError
      expect(error).toBeInstanceOf(SyscallError)
      expect(error).toMatchObject({ index, code: 'SIGKILL', call: plan.program[index] })
    }
    await expectNothingLeft(before)
  })
})

test('without namespaces and detached, it is killed and fails at any call too', async () => {
  const before = await census()
  const simple: LaunchOptions = { detached: true, stdio: 'ignore' }
  const short = [sys.getpid('a call'), shell('true')]
  const { length } = planFor(short, simple).program
  for (let index = 0; index < length; index++) {
    if (index > 0) await expect(launch(short, { ...simple, step: (at, _call, process) => { if (at === index) process.kill() } })).rejects.toMatchObject({ index, code: 'SIGKILL' })
    await expect(launch(short, { ...simple, fault: { index, when: 'before' } })).rejects.toMatchObject({ index, code: 'ENOSYS' })
  }
  await expectNothingLeft(before)
})
