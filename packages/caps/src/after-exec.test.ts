import { expect, test } from 'vitest'
import { afterExec, noSets } from './index.ts'

const bounding = ['CAP_CHOWN', 'CAP_KILL'] as const
const file = { permitted: ['CAP_CHOWN'], inheritable: ['CAP_KILL'], effective: true } as const

test('user 0 gets what is bounding or inheritable, whatever was permitted', () => {
  expect(afterExec({ sets: { ...noSets, bounding, inheritable: ['CAP_SYS_TIME'] }, uid: 0 })).toEqual({ bounding, permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_TIME'], effective: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_TIME'], inheritable: ['CAP_SYS_TIME'], ambient: [] })
})

test('unless SECBIT_NOROOT', () => expect(afterExec({ sets: { ...noSets, bounding, permitted: bounding }, uid: 0, securebits: ['SECBIT_NOROOT'] })).toEqual({ ...noSets, bounding }))

test('another user keeps the ambient ones alone', () => {
  const sets = { bounding, permitted: bounding, effective: bounding, inheritable: bounding, ambient: ['CAP_KILL'] } as const
  expect(afterExec({ sets, uid: 7 })).toEqual({ bounding, permitted: ['CAP_KILL'], effective: ['CAP_KILL'], inheritable: bounding, ambient: ['CAP_KILL'] })
})

test('a file gives what the bounding set allows, and takes the ambient ones', () => {
  const sets = { ...noSets, bounding, permitted: ['CAP_KILL'], inheritable: ['CAP_KILL'], ambient: ['CAP_KILL'] } as const
  expect(afterExec({ sets, uid: 7, file })).toMatchObject({ permitted: ['CAP_CHOWN', 'CAP_KILL'], effective: ['CAP_CHOWN', 'CAP_KILL'], ambient: [] })
  expect(afterExec({ sets, uid: 7, file: { ...file, effective: false } })).toMatchObject({ permitted: ['CAP_CHOWN', 'CAP_KILL'], effective: [] })
  expect(afterExec({ sets, uid: 7, file, noNewPrivs: true })).toMatchObject({ permitted: ['CAP_KILL'], effective: ['CAP_KILL'] })
})

test('a file that counts on more than it can get is not executed', () => {
  const greedy = { ...file, permitted: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] } as const
  expect(afterExec({ sets: { ...noSets, bounding }, uid: 7, file: greedy })).toBe('EPERM')
  expect(afterExec({ sets: { ...noSets, bounding }, uid: 0, file: greedy })).toBe('EPERM')
  expect(afterExec({ sets: { ...noSets, bounding }, uid: 7, file: { ...greedy, effective: false } })).toMatchObject({ permitted: ['CAP_CHOWN'], effective: [] })
})

test('a real user 0 that is effectively another is permitted all and has nothing effective', () => {
  expect(afterExec({ sets: { ...noSets, bounding }, uid: { real: 0, effective: 7 } })).toMatchObject({ permitted: bounding, effective: [] })
})

test('a set-user-ID program of user 0 with file capabilities has only those', () => {
  expect(afterExec({ sets: { ...noSets, bounding }, uid: { real: 7, effective: 0 }, file: { ...file, permitted: ['CAP_KILL'] } })).toMatchObject({ permitted: ['CAP_KILL'], effective: ['CAP_KILL'] })
})
