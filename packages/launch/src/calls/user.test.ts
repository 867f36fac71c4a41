import { expect, test } from 'vitest'
import { check, explain } from '@ctr/syscall'
import { becomeUser } from './user.ts'

test('groups first, the user last', () => {
  const program = becomeUser({ uid: 1000, gid: 100, groups: [5, 6] })
  expect(explain(program, { why: false })).toEqual(['setgroups(2, [5, 6])', 'setresgid(100, 100, 100)', 'setresuid(1000, 1000, 1000)'])
  expect(check(program)).toEqual([])
})

test('what is left out stays', () => {
  expect(becomeUser({ gid: 1 }).map(({ name }) => name)).toEqual(['setgroups', 'setresgid'])
})
