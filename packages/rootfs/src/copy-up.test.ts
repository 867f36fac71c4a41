import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { copyUp, filesystem, target } from './index.ts'

const root = { fd: 'root' }

test('an overlay of the directory and the tmpfs takes its place; what it was made of is gone', () => {
  const program = copyUp({ tmpfs: { fd: 'memory' }, target: { fd: 'target' }, attributes: ['MOUNT_ATTR_NOSUID'], mode: 0o1777, gid: 5, userNamespace: true })
  expect(explain(program, { why: false, names: false, open: { memory: 3, target: 4 } })).toEqual([
    'open_tree(4, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)', 'mount_setattr(5, "", AT_EMPTY_PATH, {attr_set=0, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)',
    'move_mount(3, "", 4, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)', 'fchdir(3)', 'mkdirat(AT_FDCWD, "lower", 0700)', 'mkdirat(AT_FDCWD, "upper", 0700)', 'mkdirat(AT_FDCWD, "work", 0700)',
    'fchownat(AT_FDCWD, "upper", 0, 5, 0)', 'fchmodat(AT_FDCWD, "upper", 01777)', 'move_mount(5, "", AT_FDCWD, "lower", MOVE_MOUNT_F_EMPTY_PATH)',
    'fsopen("overlay", FSOPEN_CLOEXEC)', 'fsconfig(6, FSCONFIG_SET_STRING, "source", "tmpfs", 0)', 'fsconfig(6, FSCONFIG_SET_STRING, "lowerdir", "lower", 0)', 'fsconfig(6, FSCONFIG_SET_STRING, "upperdir", "upper", 0)',
    'fsconfig(6, FSCONFIG_SET_STRING, "workdir", "work", 0)', 'fsconfig(6, FSCONFIG_SET_FLAG, "userxattr", NULL, 0)', 'fsconfig(6, FSCONFIG_CMD_CREATE, NULL, NULL, 0)', 'fsmount(6, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID)', 'close(6)',
    'umount2(".", MNT_DETACH)', 'move_mount(7, "", 4, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)', 'chdir("/")', 'close(5)', 'close(3)', 'close(7)',
  ])
})

test('closes all that it opened', () => {
  const program = [...filesystem({ type: 'tmpfs', as: 'memory' }), ...target({ root, path: '/run', kind: 'directory', as: 'target' }), ...copyUp({ tmpfs: { fd: 'memory' }, target: { fd: 'target' } })]
  expect(check(program, { root: 3 })).toEqual([])
})
