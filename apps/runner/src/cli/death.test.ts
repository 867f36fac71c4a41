import { expect, test } from 'vitest'
import { deathOf } from './death.ts'

test.each([
  [{ exitCode: 0, signal: null }, undefined],
  [{ exitCode: 3, signal: null }, undefined],
  [{ exitCode: 137, signal: 'SIGKILL', reason: { kind: 'oom', peakBytes: 20971520, limitBytes: 20971520 } }, 'killed by SIGKILL: out of memory (peak 20 MiB of 20 MiB)'],
  [{ exitCode: 137, signal: 'SIGKILL', reason: { kind: 'kill', signal: 'SIGKILL', byPid: 7 } }, 'killed by SIGKILL: ctrun kill from PID 7'],
  [{ exitCode: 143, signal: 'SIGTERM', reason: { kind: 'stop', signal: 'SIGTERM', byPid: 7 } }, 'killed by SIGTERM: ctrun stop from PID 7'],
  [{ exitCode: 0, signal: null, reason: { kind: 'stop', signal: 'SIGTERM', byPid: 7 } }, undefined],
  [{ exitCode: 139, signal: 'SIGSEGV' }, 'killed by SIGSEGV: sender unknown'],
  [{ exitCode: 137, signal: null }, 'exit status 137: its last command was killed by SIGKILL'],
] as const)('%j', (outcome, text) => {
  expect(deathOf(outcome)).toBe(text)
})
