import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { startIn } from './start-in.ts'

test('by path, number and name', () => {
  expect(explain([...startIn('/srv'), ...startIn(7), ...startIn({ fd: 'cwd' })], { why: false, open: { cwd: 9 } })).toEqual(['chdir("/srv")', 'fchdir(7)', 'fchdir(9<cwd>)'])
})
