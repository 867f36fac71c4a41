import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { codeAddress, baseAddress } from '@ctr/elf'
import { sys } from '@ctr/syscall'
import { assemble, interpreter, packaged, plan } from './index.ts'
import { interpreterHash } from './interpreter-hash.ts'

const code = codeAddress - baseAddress

test.each(['x64', 'arm64'] as const)('the %s interpreter has the hash that is checked in', (machine) => {
  expect(createHash('sha256').update(packaged(machine)).digest('hex')).toBe(interpreterHash[machine])
})

test.each(['x64', 'arm64'] as const)('the %s interpreter is the same in front of every program', (machine) => {
  const bytes = interpreter(machine)
  expect(bytes.length).toBeLessThan(600)
  for (const program of [[], [sys.write(1, 'hello\n', 'greet')]]) {
    const image = assemble(plan(program), machine)
    expect(image.subarray(code, code + bytes.length)).toEqual(bytes)
  }
  expect(packaged(machine).subarray(code)).toEqual(bytes)
})

test('assembling is reproducible', () => {
  const once = () => assemble(plan([sys.execve('/bin/true', ['true'], ['A=1'], 'x')], { namespaces: ['CLONE_NEWPID'] }), 'arm64', { trace: true })
  expect(once()).toEqual(once())
})
