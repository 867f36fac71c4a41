import { defaultCapabilities, type Capability } from '@ctr/caps'
import { compile, decide, numberOf, architectures, run, syscallNumbers } from '@ctr/seccomp'
import { describe, expect, test } from 'vitest'
import { defaultProfile, refusals } from './default-profile.ts'

const CLONE_NEWUSER = 0x10000000
const CLONE_THREAD = 0x10000

const about = (call: string, args: readonly number[] = [], capabilities: readonly Capability[] = defaultCapabilities) => {
  const { action, data } = decide(defaultProfile(capabilities), { call, args }, { machine: 'x64' })
  return action === 'SCMP_ACT_ALLOW' ? 'allowed' : `${action} ${data}`
}
const EPERM = 'SCMP_ACT_ERRNO 1'
const ENOSYS = 'SCMP_ACT_ERRNO 38'

test('every name is one of a call', () => {
  expect(refusals.flatMap(({ names }) => names).filter((name) => !(name in syscallNumbers))).toEqual([])
})

describe.each(refusals.map(({ names, unless = [], why }) => [why, names, unless] as const))('%s', (_why, names, unless) => {
  const known = names.filter((name) => numberOf(name, architectures.SCMP_ARCH_X86_64) !== undefined)

  test.each(known)('%s is refused', (name) => expect(about(name)).toBe(EPERM))
  test.each(unless)('but not with %s', (capability) => expect(known.map((name) => about(name, [], [capability]))).toEqual(known.map(() => 'allowed')))
})

test.each([
  ['clone for a process or thread', 'clone', [CLONE_THREAD], 'allowed'],
  ['clone for a user namespace', 'clone', [CLONE_NEWUSER], EPERM],
  ['clone3, whose flags are in memory', 'clone3', [], ENOSYS],
  ['a personality of Linux', 'personality', [8], 'allowed'],
  ['the question for the personality', 'personality', [0xffffffff], 'allowed'],
  ['addresses that can be foretold', 'personality', [0x0040000], EPERM],
  ['a socket', 'socket', [2, 1], 'allowed'],
  ['a socket to the host of the machine', 'socket', [40, 1], EPERM],
  ['a socket to the kernel\'s ciphers (CVE-2026-31431)', 'socket', [38, 5], EPERM],
  ['a socket of the family between', 'socket', [39, 1], 'allowed'],
  ['a socket of a younger family', 'socket', [44, 3], 'allowed'],
  ['a network socket of the kernel', 'socket', [16, 3], 'allowed'],
  ['what every program needs', 'read', [], 'allowed'],
  ['to be traced', 'ptrace', [], 'allowed'],
] as const)('%s', (_what, call, args, expected) => {
  expect(about(call, args)).toBe(expected)
})

test('a container that may make namespaces may make them in both ways', () => {
  expect([about('clone', [CLONE_NEWUSER], ['CAP_SYS_ADMIN']), about('clone3', [], ['CAP_SYS_ADMIN']), about('unshare', [], ['CAP_SYS_ADMIN'])]).toEqual(['allowed', 'allowed', 'allowed'])
})

test('a call that is younger than the list does not exist', () => {
  const { instructions } = compile(defaultProfile([]), { machine: 'x64' })
  expect(run(instructions, { number: 5000, architecture: architectures.SCMP_ARCH_X86_64.token }).returned).toBe(0x50000 + 38)
})

test.each(['x64', 'arm64'] as const)('the filter is small: %s', (machine) => {
  expect(compile(defaultProfile(defaultCapabilities), { machine }).instructions.length).toBeLessThan(250)
})
