import { expect, test } from 'vitest'
import type { OciSeccomp } from '../config/seccomp-shape.ts'
import { asks, containerFilter } from './filter.ts'

const where = { noNewPrivileges: true, machine: 'x64' } as const
const asking: OciSeccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/agent', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] }
const silent: OciSeccomp = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }] }
const names = (seccomp: OciSeccomp, sendTo?: string) => {
  const { early, last, needs } = containerFilter(seccomp, { ...where, sendTo })
  return [early.map(({ name }) => name), last.map(({ name }) => name), needs]
}

test('a filter is the last call in front of execve, unless somebody is asked: who decides must have the listener before', () => {
  expect(names(silent)).toEqual([[], ['seccomp'], []])
  expect(names(asking)).toEqual([['seccomp', 'write', 'read', 'close'], [], []])
  expect([asks(silent), asks(asking)]).toEqual([false, true])
})

test('the listener is sent in front of the checkpoint at which it is waited for', () => {
  expect(names(asking, 'out')).toEqual([['seccomp', 'sendmsg', 'write', 'read', 'close'], [], []])
  // Nothing is sent where nobody is asked, so it need not pass.
  expect(names(silent, 'out')).toEqual([[], ['seccomp'], []])
})

test.each<[string, Partial<OciSeccomp>, string]>([
  ['by a rule, whatever its conditions', { syscalls: [...asking.syscalls!, { names: ['recvmsg', 'sendmsg'], action: 'SCMP_ACT_NOTIFY', args: [{ index: 2, value: 1, op: 'SCMP_CMP_EQ' }] }] }, 'linux.seccomp.syscalls[1].names'],
  ['by default', { defaultAction: 'SCMP_ACT_ERRNO' }, 'linux.seccomp.syscalls'],
])('a listener that could not be sent is refused: %s', (_, more, path) => {
  expect(() => names({ ...asking, ...more })).not.toThrow()
  expect(() => names({ ...asking, ...more }, 'out')).toThrow(`${path}: the listener is sent by sendmsg where the runtime is not root`)
})
