import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { capabilities, defaultCapabilities, limitTo } from './index.ts'

const lines = (limits: Parameters<typeof limitTo>[0]) => explain(limitTo(limits), { why: false })
const three = { capabilities: ['CAP_CHOWN', 'CAP_KILL'], lastCap: 5 } as const

test('user 0: drops what is not granted, then keeps the rest', () => {
  expect(lines({ ...three, uid: 0, gid: 0, groups: [] })).toEqual([
    'prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)',
    'prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH)',
    'prctl(PR_CAPBSET_DROP, CAP_FOWNER)',
    'prctl(PR_CAPBSET_DROP, CAP_FSETID)',
    'setgroups(0, NULL)',
    'setresgid(0, 0, 0)',
    'setresuid(0, 0, 0)',
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_KILL, permitted=1<<CAP_CHOWN|1<<CAP_KILL, inheritable=0})',
  ])
})

test('another user keeps nothing but the bounding set', () => {
  expect(lines({ ...three, lastCap: 0, uid: 1000, gid: 100, groups: [4, 20], noNewPrivs: true })).toEqual([
    'setgroups(2, [4, 20])',
    'setresgid(100, 100, 100)',
    'setresuid(1000, 1000, 1000)',
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=0, inheritable=0})',
    'prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)',
  ])
})

test('another user with ambient capabilities', () => {
  expect(lines({ ...three, lastCap: 0, uid: 1, gid: 1, ambient: ['CAP_CHOWN'] })).toEqual([
    'prctl(PR_SET_KEEPCAPS, 1)',
    'setresgid(1, 1, 1)',
    'setresuid(1, 1, 1)',
    'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN, permitted=1<<CAP_CHOWN, inheritable=1<<CAP_CHOWN})',
    'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0)',
  ])
})

test('what is needed until execve is permitted but not in the bounding set', () => {
  const text = lines({ capabilities: [], lastCap: 21, uid: 1, gid: 1, untilExec: ['CAP_SYS_ADMIN'] })
  expect(text).toContain('prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)')
  expect(text).toContain('prctl(PR_SET_KEEPCAPS, 1)')
  expect(text.at(-1)).toBe('capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_SYS_ADMIN, permitted=1<<CAP_SYS_ADMIN, inheritable=0})')
})

test("drops 27 of this kernel's 41 for Docker's default", () => {
  expect(limitTo({ capabilities: defaultCapabilities, lastCap: 40, uid: 0, gid: 0 }).filter((call) => call.args[0] === 'PR_CAPBSET_DROP')).toHaveLength(27)
})

test('drops the capabilities of a newer kernel by number', () => {
  expect(lines({ capabilities, lastCap: 42, uid: 0, gid: 0 }).slice(0, 2)).toEqual(['prctl(PR_CAPBSET_DROP, 0x29 /* CAP_??? */)', 'prctl(PR_CAPBSET_DROP, 0x2a /* CAP_??? */)'])
})

test('an older kernel is not asked for what it does not know', () => {
  expect(lines({ capabilities, lastCap: 1, uid: 0, gid: 0 }).at(-1)).toContain('permitted=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE,')
})

test('nothing in it can be seen to fail', () => {
  for (const uid of [0, 1000]) for (const ambient of [[], ['CAP_KILL']] as const) expect(check(limitTo({ capabilities: defaultCapabilities, lastCap: 40, uid, gid: uid, groups: [1], ambient, noNewPrivs: true }))).toEqual([])
})

test('refuses what makes no sense', () => {
  expect(() => limitTo({ ...three, uid: -1, gid: 0 })).toThrow(new RangeError('Cannot run as user -1: an ID is an integer from 0 to 4294967294'))
  expect(() => limitTo({ ...three, uid: 0, gid: 2 ** 32 - 1 })).toThrow(RangeError)
  expect(() => limitTo({ ...three, uid: 1, gid: 1, ambient: ['CAP_SETUID'] })).toThrow(new TypeError('Cannot make CAP_SETUID ambient: it is not among the capabilities granted'))
})
