import { expect, test } from 'vitest'
import { decide, type Call, type Profile } from './index.ts'

const profile: Profile = {
  defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'write', 'futex'], action: 'SCMP_ACT_ALLOW' },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_LT', value: 38 }] },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 39 }, { index: 1, op: 'SCMP_CMP_MASKED_EQ', value: 0xf, valueTwo: 2 }] },
    { names: ['ptrace'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    { names: ['bpf'], action: 'SCMP_ACT_KILL_PROCESS' }, { names: ['kcmp'], action: 'SCMP_ACT_TRAP' }, { names: ['userfaultfd'], action: 'SCMP_ACT_TRACE', errnoRet: 3 }, { names: ['acct'], action: 'SCMP_ACT_NOTIFY' },
    { names: ['reboot'], action: 'SCMP_ACT_LOG' }, { names: ['swapon'], action: 'SCMP_ACT_KILL' }, { names: ['swapoff'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
  ],
}

test.each<[Call, string]>([
  [{ call: 'read', args: [3, 0, 10] }, 'read(3, 0, 0xa) is allowed: syscalls[0] names it, without a condition'],
  [{ call: 'socket', args: [1, 1] }, 'socket(1, 1) is allowed: syscalls[1] names it, and argument 0 < 0x26'],
  [{ call: 'socket', args: [39, 0x802] }, 'socket(0x27, 0x802) is allowed: syscalls[2] names it, and argument 0 == 0x27 and argument 1 & 0xf == 2'],
  [{ call: 'socket', args: [39, 1] }, 'socket(0x27, 1) fails with EPERM: syscalls[1] wants argument 0 < 0x26, and it is 0x27; syscalls[2] wants argument 1 & 0xf == 2, and it is 1; what is left has the default action'],
  [{ call: 'ptrace' }, 'ptrace() fails with EPERM: no rule names it, and this is the default action'],
  [{ call: 'mount' }, 'mount() fails with EPERM: no rule names it, and this is the default action'],
  [{ call: 'clone3' }, 'clone3() fails with ENOSYS: syscalls[4] names it, without a condition'],
  [{ call: 'openat2' }, 'openat2() fails with ENOSYS: no rule names it, and the profile cannot know it: its number 437 is above 435, clone3, the highest that the profile names'],
  [{ call: 9999 }, 'call 9999() fails with ENOSYS: no rule names it, and the profile cannot know it: its number 9999 is above 435, clone3, the highest that the profile names'],
  [{ call: 0xffffffff }, 'call 4294967295() fails with EPERM: no rule names it, and this is the default action'],
  [{ call: 'bpf' }, 'bpf() ends the process with SIGSYS: syscalls[5] names it, without a condition'],
  [{ call: 'kcmp' }, 'kcmp() ends in SIGSYS, which can be caught: syscalls[6] names it, without a condition'],
  [{ call: 'userfaultfd' }, 'userfaultfd() is left to the tracer (3), and fails with ENOSYS without one: syscalls[7] names it, without a condition'],
  [{ call: 'acct' }, 'acct() is left to whoever listens: syscalls[8] names it, without a condition'],
  [{ call: 'reboot' }, 'reboot() is allowed and logged: syscalls[9] names it, without a condition'],
  [{ call: 'swapon' }, 'swapon() ends the thread with SIGSYS: syscalls[10] names it, without a condition'],
  [{ call: 'swapoff' }, 'swapoff() returns 0 without being made: syscalls[11] names it, without a condition'],
  [{ call: 'read', architecture: 'SCMP_ARCH_X32' }, 'read() on x32 ends the thread with SIGSYS: the profile has no architecture SCMP_ARCH_X32'],
  [{ call: 'write', args: [1n << 32n], architecture: 'SCMP_ARCH_X86' }, 'write(0) on x86 is allowed: syscalls[0] names it, without a condition'],
  [{ call: 'socketcall', args: [1, 4096], architecture: 'SCMP_ARCH_X86' },
    'socketcall(1, 0x1000) on x86 fails with EPERM: no rule names it, and this is the default action'],
])('call %#', (call, why) => expect(decide(profile, call, { machine: 'x64' }).why).toBe(why))

test('through socketcall, the strictest that the profile could say', () => {
  const open: Profile = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86'], syscalls: [{ names: ['socket'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: 38 }] }] }
  const of = (first: number) => decide(open, { call: 'socketcall', args: [first, 0], architecture: 'SCMP_ARCH_X86' }, { machine: 'x64' }).why
  expect(of(1)).toBe('socketcall(1, 0) on x86 fails with EPERM: it makes socket, whose arguments are in memory where no filter looks, and this is the strictest that the profile could say about it, in syscalls[0]')
  expect(of(3)).toBe('socketcall(3, 0) on x86 is allowed: syscalls[0] is about socket: argument 0 == 1, and it is 3; what is left has the default action')
})

test('as data', () => {
  expect(decide(profile, { call: 'clone3' }, { machine: 'x64' })).toMatchObject({ action: 'SCMP_ACT_ERRNO', data: 38, returned: 0x50026, rule: 4 })
  expect(decide(profile, { call: 'mount' }, { machine: 'x64' })).not.toHaveProperty('rule')
  expect(decide(profile, { call: 'read' }, { machine: 'arm64' })).toMatchObject({ action: 'SCMP_ACT_ALLOW', rule: 0 })
})

test('refuses to ask about what is not there', () => {
  expect(() => decide(profile, { call: 'open' }, { machine: 'arm64' })).toThrow(new TypeError('There is no system call "open" on arm64, as far as is known here'))
  expect(() => decide(profile, { call: 'read', architecture: 'SCMP_ARCH_ARM' }, { machine: 'x64' })).toThrow(new TypeError('Cannot ask about SCMP_ARCH_ARM: x64 does not run it'))
})
