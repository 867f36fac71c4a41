import { expect, test } from 'vitest'
import { sys, type Program } from '@ctr/syscall'
import { encoded } from './encoded.ts'
import { segment } from './segment.ts'

const why = 'the test encodes it'
/** Something of every kind that arguments point to: texts, lists of texts, structs with addresses and descriptors in them. */
const program = (): Program => [
  sys.openat('AT_FDCWD', '/srv/box', ['O_PATH', 'O_CLOEXEC'], 0, { as: 'root', why }),
  sys.openat2({ fd: 'root' }, 'etc', { flags: ['O_PATH'], resolve: ['RESOLVE_IN_ROOT'] }, { as: 'etc', why, retry: ['EAGAIN'] }),
  sys.mount_setattr({ fd: 'etc' }, '', ['AT_EMPTY_PATH'], { attr_set: ['MOUNT_ATTR_IDMAP'], userns_fd: { fd: 'root' } }, { why, allow: ['EINVAL'] }),
  sys.clone3({ flags: ['CLONE_PIDFD', 'CLONE_INTO_CGROUP'], pidfd: null, parent_tid: 0xc000018, cgroup: { fd: 'root' } }, { as: 'child', why }),
  sys.writev(1, ['one', { hex: '00ff' }], { why, returns: 5 }),
  sys.seccomp('SECCOMP_SET_MODE_FILTER', [], [[6, 0, 0, 0x7fff0000]], why),
  sys.ppoll([{ fd: { fd: 'etc' }, events: ['POLLIN'] }], { tv_sec: 1, tv_nsec: 2 }, why),
  sys.rt_sigaction('SIGUSR2', 'SIG_IGN', why),
  sys.prlimit64(0, 'RLIMIT_CORE', { rlim_cur: 0, rlim_max: 'RLIM64_INFINITY' }, why),
  // Bytes that would be an address where this call is encoded.
  sys.write(1, { hex: '0000000001000001'.repeat(2) }, why),
  sys.execve('/bin/echo', ['echo', 'ä', '/srv/box'], ['A=1', 'B='], why),
]

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(Object.freeze(value))) frozen(part)
  return value
}

const other = { steps: [], open: {} }
const bytes = (calls: Program, machine: 'x64' | 'arm64', fault?: number) =>
  segment({ steps: calls.map((call, index) => (fault === index ? { call, index, fault: true } : { call, index })), open: {} }, [other], machine).slice()

test.each(['x64', 'arm64'] as const)('what cannot change is encoded once, and is the same as what is encoded anew (%s)', (machine) => {
  const fixed = frozen(program())
  const anew = bytes(program(), machine)
  expect(bytes(fixed, machine)).toEqual(anew)
  expect(bytes(fixed, machine)).toEqual(anew)
  expect(encoded(fixed[0]!, machine)).toBe(encoded(fixed[0]!, machine))
  // Behind other calls everything is somewhere else.
  expect(bytes([...fixed.slice(0, 3), ...fixed], machine)).toEqual(bytes([...program().slice(0, 3), ...program()], machine))
  expect(bytes(fixed, machine, 2)).toEqual(bytes(program(), machine, 2))
  expect(bytes(fixed, machine)).toEqual(anew)
})

test('what could still change is encoded every time', () => {
  const [call] = program()
  expect(encoded(call!, 'x64')).toBeUndefined()
  expect(encoded(Object.freeze(call!), 'x64')).toBeUndefined()
  expect(encoded(frozen(call!), 'x64')).toBeDefined()
})
