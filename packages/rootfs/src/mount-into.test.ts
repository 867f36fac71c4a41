import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { mountInto, unmountFrom } from './index.ts'

test('the source is the host\'s, the mount point is found in the container\'s root', () => {
  const program = mountInto({ container: { fd: 'container' }, source: '/srv', path: '/data', kind: 'directory', readOnly: true, attributes: [] })
  expect(explain(program, { why: false, names: false, open: { container: 3 } })).toEqual([
    'open_tree(AT_FDCWD, "/srv", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)', 'setns(3, CLONE_NEWNS)', 'openat(AT_FDCWD, "/", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY)',
    'mount_setattr(4, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)',
    'openat2(5, "data", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'move_mount(4, "", 6, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)', 'close(6)', 'close(4)', 'close(5)'])
  expect(check(program, { container: 3 })).toEqual([])
})

test('a new file system is made outside', () => {
  const program = mountInto({ container: { fd: 'container' }, filesystem: { type: 'tmpfs', data: ['size=1m'] }, path: '/data', kind: 'directory' })
  expect(program.map((call) => call.name)).toEqual(['fsopen', 'fsconfig', 'fsconfig', 'fsmount', 'close', 'setns', 'openat', 'mount_setattr', 'openat2', 'move_mount', 'close', 'close', 'close'])
  expect(check(program, { container: 3 })).toEqual([])
})

test('is taken off by its name in a directory that was found inside', () => {
  const lines = (path: string) => explain(unmountFrom({ container: { fd: 'container' }, path }), { why: false, names: false, open: { container: 3 } }).slice(2)
  expect(lines('/a/b/c')).toEqual(['openat2(4, "a/b", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)', 'fchdir(5)', 'umount2("c", MNT_DETACH|UMOUNT_NOFOLLOW)', 'close(5)', 'close(4)'])
  expect(lines('data')).toEqual(['fchdir(4)', 'umount2("data", MNT_DETACH|UMOUNT_NOFOLLOW)', 'close(4)'])
  for (const path of ['/', '', '/a/..', '/a/']) expect(() => unmountFrom({ container: { fd: 'container' }, path })).toThrow('Cannot unmount')
})
