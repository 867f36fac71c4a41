import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkProfile, compile } from './index.ts'

const rule = (more: object) => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }, { names: ['write'], action: 'SCMP_ACT_ALLOW', ...more }] })
const argument = (more: object) => rule({ args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ', ...more }] })

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'seccomp: undefined is not an object'],
  ['a list', [], 'seccomp: [] is not an object'],
  ['no default', {}, 'seccomp.defaultAction: is missing: it is one of SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD, SCMP_ACT_KILL, SCMP_ACT_TRAP, SCMP_ACT_ERRNO, SCMP_ACT_NOTIFY, SCMP_ACT_TRACE, SCMP_ACT_LOG, SCMP_ACT_ALLOW'],
  ['an unknown default', { defaultAction: 'KILL' }, 'seccomp.defaultAction: "KILL" is not one of SCMP_ACT_KILL_PROCESS'],
  ['a listener for everything', { defaultAction: 'SCMP_ACT_NOTIFY' }, 'seccomp.defaultAction: SCMP_ACT_NOTIFY would hold up the calls that hand the listener over'],
  ['a listener for write', rule({ action: 'SCMP_ACT_NOTIFY' }), 'seccomp.syscalls[1].action: SCMP_ACT_NOTIFY cannot be used for write'],
  ['an errno for what has none', { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 }, 'seccomp.defaultErrnoRet: 1 has no meaning with SCMP_ACT_ALLOW'],
  ['an errno for a rule that has none', rule({ errnoRet: 38 }), 'seccomp.syscalls[1].errnoRet: 38 has no meaning with SCMP_ACT_ALLOW'],
  ['an errno above the last', rule({ action: 'SCMP_ACT_ERRNO', errnoRet: 65536 }), 'seccomp.syscalls[1].errnoRet: 65536 is not an integer from 0 to 65535'],
  ['a negative errno', { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: -1 }, 'seccomp.defaultErrnoRet: -1 is not an integer from 0 to 65535'],
  ['a message that is too large', rule({ action: 'SCMP_ACT_TRACE', errnoRet: 65536 }), 'seccomp.syscalls[1].errnoRet: 65536 is not an integer from 0 to 65535'],
  ['an unknown architecture', { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64', 'amd64'] }, 'seccomp.architectures[1]: "amd64" is not one of SCMP_ARCH_X86_64, '],
  ['an unknown flag', { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_NEW_LISTENER'] }, 'seccomp.flags[0]: "SECCOMP_FILTER_FLAG_NEW_LISTENER" is not one of SECCOMP_FILTER_FLAG_TSYNC, '],
  ['waiting for no one', { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }, 'seccomp.flags[0]: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV has no meaning where no action is SCMP_ACT_NOTIFY'],
  ['a path that is none', { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: 1 }, 'seccomp.listenerPath: 1 is not a string'],
  ['rules that are none', { defaultAction: 'SCMP_ACT_ALLOW', syscalls: {} }, 'seccomp.syscalls: {} is not an array'],
  ['a rule that is none', { defaultAction: 'SCMP_ACT_ALLOW', syscalls: ['read'] }, 'seccomp.syscalls[0]: "read" is not an object'],
  ['no names', { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ action: 'SCMP_ACT_TRAP' }] }, 'seccomp.syscalls[0].names: is missing'],
  ['an empty list of names', rule({ names: [] }), 'seccomp.syscalls[1].names: must name at least one system call'],
  ['an empty name', rule({ names: ['read', ''] }), 'seccomp.syscalls[1].names[1]: "" is not the name of a system call'],
  ['a number for a name', rule({ names: [1] }), 'seccomp.syscalls[1].names[0]: 1 is not a string'],
  ['no action', rule({ action: undefined }), 'seccomp.syscalls[1].action: is missing: it is one of '],
  ['a seventh argument', argument({ index: 6 }), 'seccomp.syscalls[1].args[0].index: 6 is not an integer from 0 to 5'],
  ['half an argument', argument({ index: 0.5 }), 'seccomp.syscalls[1].args[0].index: 0.5 is not an integer from 0 to 5'],
  ['an unknown operator', argument({ op: '==' }), 'seccomp.syscalls[1].args[0].op: "==" is not one of SCMP_CMP_NE, '],
  ['no value', argument({ value: undefined }), 'seccomp.syscalls[1].args[0].value: is missing'],
  ['a text for a value', argument({ value: '1' }), 'seccomp.syscalls[1].args[0].value: "1" is not a number'],
  ['a negative value', argument({ value: -1 }), 'seccomp.syscalls[1].args[0].value: -1 is not an integer from 0 to 2^64 - 1'],
  ['a value that lost digits', argument({ value: 2 ** 64 }), 'seccomp.syscalls[1].args[0].value: 18446744073709552000 is above 2^53, where a number has lost digits: give a bigint'],
  ['a value of 65 bits', argument({ value: 2n ** 64n }), 'seccomp.syscalls[1].args[0].value: 18446744073709551616 is not an integer from 0 to 2^64 - 1'],
  ['half a second value', argument({ valueTwo: 1.5 }), 'seccomp.syscalls[1].args[0].valueTwo: 1.5 is not an integer from 0 to 2^64 - 1'],
])('refuses %s', (_what, profile, message) => expect(() => checkProfile(profile)).toThrow(message))

test('a message begins where the profile is', () => {
  expect(() => compile(rule({ action: 'SCMP_ACT_NONE' }) as never, { machine: 'x64', at: 'linux.seccomp' })).toThrow(/^linux\.seccomp\.syscalls\[1\]\.action: "SCMP_ACT_NONE" is not one of /)
})

test('what Go writes for nothing, and what is not in the specification, is taken', () => {
  expect(checkProfile({ defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: null, architectures: null, flags: null, syscalls: null, listenerPath: '', listenerMetadata: '', extra: {} })).toBeUndefined()
  expect(checkProfile(rule({ args: null, errnoRet: null, comment: '' }))).toBeUndefined()
  expect(checkProfile(argument({ value: 2n ** 64n - 1n, valueTwo: null }))).toBeUndefined()
})

test('whatever it is given, it says what is wrong or it is right', () => {
  fc.assert(fc.property(fc.oneof(fc.anything(), fc.record({ defaultAction: fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 1), syscalls: fc.anything(), architectures: fc.anything() })), (value) => {
    try {
      checkProfile(value)
    } catch (error) {
      expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
      expect((error as Error).message).toMatch(/^seccomp[.:]/)
      return
    }
    compile(value as never, { machine: 'x64' })
  }), { numRuns: 300 })
}, 60_000)
