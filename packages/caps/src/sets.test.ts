import { expect, test } from 'vitest'
import { capabilities, grantable, noSets } from './index.ts'

const available = { bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN'], lastCap: 40 } as const

test('what can be granted is, in the order of bits, each once', () => {
  const asked = { bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_KILL'], permitted: ['CAP_KILL', 'CAP_CHOWN'], effective: ['CAP_KILL'], inheritable: ['CAP_CHOWN'], ambient: ['CAP_CHOWN'] }
  expect(grantable(asked, available)).toEqual({
    sets: { bounding: ['CAP_CHOWN', 'CAP_KILL'], permitted: ['CAP_CHOWN', 'CAP_KILL'], effective: ['CAP_KILL'], inheritable: ['CAP_CHOWN'], ambient: ['CAP_CHOWN'] }, warnings: [],
  })
})

test('absent sets are empty', () => {
  expect(grantable({}, available)).toEqual({ sets: noSets, warnings: [] })
  expect(grantable({ bounding: null, ambient: null }, available).sets).toEqual(noSets)
})

test('what cannot be granted is a warning each', () => {
  const asked = { bounding: ['CAP_NONE', 'CAP_BPF', 'chown'], permitted: ['CAP_KILL'], effective: ['CAP_CHOWN'], inheritable: ['CAP_SYS_TIME'], ambient: ['CAP_KILL'] }
  expect(grantable(asked, { ...available, lastCap: 38 })).toEqual({
    sets: { ...noSets, permitted: ['CAP_KILL'] },
    warnings: [
      'inheritable: CAP_SYS_TIME cannot be granted: whoever starts the container does not have it',
      'bounding: there is no capability "CAP_NONE"', 'bounding: this kernel has no CAP_BPF', 'bounding: there is no capability "chown"',
      'effective: CAP_CHOWN cannot be granted: it is not permitted',
      'ambient: CAP_KILL cannot be granted: it is not both permitted and inheritable',
    ],
  })
})

test('all of them', () => expect(grantable({ bounding: capabilities }, { bounding: capabilities, lastCap: 40 })).toEqual({ sets: { ...noSets, bounding: capabilities }, warnings: [] }))
