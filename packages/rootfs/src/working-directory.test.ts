import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { workingDirectory } from './index.ts'

test('is found inside the root, and gone to by descriptor', () => {
  expect(explain(workingDirectory({ path: '/a/b' }), { why: false })).toEqual([
    'openat2(AT_FDCWD, "a/b", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'fchdir(3<cwd>)', 'close(3<cwd>)',
  ])
  expect(check(workingDirectory({ path: '/a/b', create: true }))).toEqual([])
})

test.each(['/', '//', '/.', '/..', '/../.', '/./../'])('%s is where pivotRoot leads', (path) => expect(workingDirectory({ path })).toEqual([]))
test.each(['/...', '/.a', '/..a/', '/a/..'])('%s is another directory', (path) => expect(workingDirectory({ path }).length).toBe(3))
test.each(['', 'a', '../a'])('%j is not absolute', (path) => expect(() => workingDirectory({ path })).toThrow('it is not absolute'))
