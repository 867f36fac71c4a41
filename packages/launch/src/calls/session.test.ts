import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { newSession, processGroup } from './session.ts'

test('a session, a group of its own, a group of another', () => {
  expect(explain([...newSession(), ...processGroup(), ...processGroup(17)], { why: false })).toEqual(['setsid()', 'setpgid(0, 0)', 'setpgid(0, 17)'])
})

test.each([-1, 0.5, Number.NaN])('%f is no group', (pgid) => expect(() => processGroup(pgid)).toThrow(RangeError))
