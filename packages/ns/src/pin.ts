import { sys, type Program } from '@ctr/syscall'

/**
 * The namespace behind a path stays alive without any process in it, on a file of its own: as `ip netns add` keeps one.
 *
 * @param source a /proc/PID/ns link; not `/proc/self/…` in a program that another process runs
 * @param path a file that does not exist yet, such as `/run/netns/box`; its directory does
 * @returns calls that need CAP_SYS_ADMIN. For a mount namespace, `path` must be in an older one and its mount not shared
 * @throws SyscallError EEXIST: something is at `path` already
 * @throws SyscallError ELOOP: a mount namespace would keep itself alive; the empty file is left
 * @see namespaces(7) Namespace lifetime
 */
export function pin(source: string, path: string): Program {
  return [
    sys.open_tree('AT_FDCWD', source, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: 'namespace', why: 'a namespace that cannot be mounted must be known before a file is made for it' }),
    sys.openat('AT_FDCWD', path, ['O_RDONLY', 'O_CREAT', 'O_EXCL', 'O_CLOEXEC', 'O_NOFOLLOW'], 0o400, { as: 'pin', why: 'a namespace is mounted on a file, and not on one that has a meaning' }),
    sys.move_mount({ fd: 'namespace' }, '', { fd: 'pin' }, '', ['MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH'], 'a mount holds the namespace when its last process is gone'),
    sys.close({ fd: 'pin' }, 'a mount point needs no descriptor'),
    sys.close({ fd: 'namespace' }, 'the mount is held by its place in the tree'),
  ]
}

/**
 * Nothing is pinned at this path any more, and the file is gone. The namespace ends with its last process.
 *
 * @throws SyscallError EINVAL: nothing is mounted there; ENOENT: there is no such file
 */
export function unpin(path: string): Program {
  return [
    sys.umount2(path, ['MNT_DETACH', 'UMOUNT_NOFOLLOW'], 'a process that has the file open must not keep it there'),
    sys.unlinkat('AT_FDCWD', path, [], 'an empty file would look like a namespace still'),
  ]
}
