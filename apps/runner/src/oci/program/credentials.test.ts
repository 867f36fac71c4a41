import { capabilities } from '@ctr/caps'
import { expect, test } from 'vitest'
import { capabilityWarnings } from './credentials.ts'

const facts = { lastCap: 39, bounding: capabilities.filter((name) => name !== 'CAP_SYS_ADMIN') }

test('what cannot be given is named once, with the sets that asked for it', () => {
  const all = ['CAP_KILL', 'CAP_SYS_ADMIN', 'CAP_CHECKPOINT_RESTORE', 'CAP_FOO', 'cap_kill']
  expect(capabilityWarnings({ capabilities: { bounding: all, permitted: all, effective: all } }, facts)).toEqual([
    'process.capabilities: this kernel has no CAP_CHECKPOINT_RESTORE (permitted, bounding, effective)',
    'process.capabilities: there is no capability "CAP_FOO" (permitted, bounding, effective)',
    'process.capabilities: there is no capability "cap_kill" (permitted, bounding, effective)',
    'process.capabilities: CAP_SYS_ADMIN cannot be granted: whoever starts the container does not have it (permitted, bounding)',
    'process.capabilities: CAP_SYS_ADMIN cannot be granted: it is not permitted (effective)',
  ])
  // As buildah writes it.
  expect(capabilityWarnings({ capabilities: { permitted: ['CAP_KILL'], ambient: ['CAP_KILL'] } }, facts)).toEqual(['process.capabilities: CAP_KILL cannot be granted: it is not both permitted and inheritable (ambient)'])
})

test('of what can be given, and of nothing, nothing is said', () => {
  expect(capabilityWarnings({ capabilities: { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'], effective: ['CAP_KILL'] } }, facts)).toEqual([])
  expect(capabilityWarnings({}, facts)).toEqual([])
})
