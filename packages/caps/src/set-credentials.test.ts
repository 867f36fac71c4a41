import { check, explain } from '@ctr/syscall'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capabilities, noSets, setCredentials, type Credentials } from './index.ts'

const lines = (credentials: Credentials) => explain(setCredentials(credentials), { why: false }).map((line) => line.replace('{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, ', ''))
const nobody = { lastCap: 1, uid: 1000, gid: 100 } as const

test('five sets that differ', () => {
  const sets = { bounding: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE'], permitted: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE'], effective: ['CAP_CHOWN'], inheritable: ['CAP_DAC_OVERRIDE'], ambient: ['CAP_DAC_OVERRIDE'] } as const
  expect(lines({ ...nobody, sets, groups: [5] })).toEqual([
    'prctl(PR_SET_KEEPCAPS, 1)', 'setgroups(1, [5])', 'setresgid(100, 100, 100)', 'setresuid(1000, 1000, 1000)',
    'capset({effective=1<<CAP_CHOWN, permitted=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE, inheritable=1<<CAP_DAC_OVERRIDE})',
    'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)',
  ])
})

test('what is inheritable without being in the bounding set is made so first', () => {
  expect(lines({ ...nobody, uid: 0, sets: { ...noSets, inheritable: ['CAP_CHOWN'], bounding: ['CAP_DAC_OVERRIDE'] }, lastCap: 40 }).slice(0, 2)).toEqual([
    'capset({effective=1<<CAP_CHOWN|1<<CAP_SETGID|1<<CAP_SETUID|1<<CAP_SETPCAP, permitted=1<<CAP_CHOWN|1<<CAP_SETGID|1<<CAP_SETUID|1<<CAP_SETPCAP, inheritable=1<<CAP_CHOWN})',
    'prctl(PR_CAPBSET_DROP, CAP_CHOWN)',
  ])
})

test('securebits come last, while CAP_SETPCAP is still there', () => {
  const sets = { ...noSets, permitted: ['CAP_CHOWN'], inheritable: ['CAP_CHOWN'], ambient: ['CAP_CHOWN'] } as const
  expect(lines({ ...nobody, lastCap: 40, sets, securebits: ['SECBIT_NO_CAP_AMBIENT_RAISE', 'SECBIT_NOROOT'] }).slice(-6)).toEqual([
    'setresgid(100, 100, 100)', 'setresuid(1000, 1000, 1000)', 'capset({effective=1<<CAP_SETPCAP, permitted=1<<CAP_CHOWN|1<<CAP_SETPCAP, inheritable=1<<CAP_CHOWN})',
    'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0)', 'prctl(PR_SET_SECUREBITS, SECBIT_NOROOT|SECBIT_NO_CAP_AMBIENT_RAISE)',
    'capset({effective=0, permitted=1<<CAP_CHOWN, inheritable=1<<CAP_CHOWN})',
  ])
})

test('where CAP_SETPCAP stays, one capset is enough', () => {
  const held = { ...noSets, permitted: ['CAP_SETPCAP'], effective: ['CAP_SETPCAP'] } as const
  expect(lines({ ...nobody, lastCap: 40, sets: held, securebits: [] }).filter((line) => line.startsWith('capset'))).toHaveLength(1)
})

test('refuses sets that no thread can have', () => {
  expect(() => setCredentials({ ...nobody, sets: { ...noSets, effective: ['CAP_KILL'] } })).toThrow(new TypeError('Cannot make CAP_KILL effective: it is not among the permitted'))
  expect(() => setCredentials({ ...nobody, sets: { ...noSets, inheritable: ['CAP_KILL'], ambient: ['CAP_KILL'] } })).toThrow(new TypeError('Cannot make CAP_KILL ambient: it is not among the permitted'))
  expect(() => setCredentials({ ...nobody, sets: { ...noSets, permitted: ['CAP_KILL'], ambient: ['CAP_KILL'] } })).toThrow(new TypeError('Cannot make CAP_KILL ambient: it is not among the inheritable'))
  expect(() => setCredentials({ ...nobody, sets: noSets, uid: 2 ** 32 - 1 })).toThrow(new RangeError('Cannot run as user 4294967295: an ID is an integer from 0 to 4294967294'))
})

test('nothing in it can be seen to fail', () => {
  const subset = fc.subarray([...capabilities])
  fc.assert(fc.property(subset, subset, subset, fc.constantFrom(0, 7), fc.boolean(), (bounding, permitted, inheritable, uid, noNewPrivs) => {
    const ambient = permitted.filter((name) => inheritable.includes(name))
    expect(check(setCredentials({ sets: { bounding, permitted, effective: permitted, inheritable, ambient }, lastCap: 40, uid, gid: uid, groups: [], securebits: ['SECBIT_NOROOT'], noNewPrivs }))).toEqual([])
  }))
})
