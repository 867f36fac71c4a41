import { sys, type FdRef, type Program } from '@ctr/syscall'

/**
 * The root directory is the new root, where pivot_root cannot be used: on a host that runs from its initramfs. The old root stays
 * below in the mount namespace, out of reach of paths but not of a process that may unmount: prefer `pivotRoot`.
 *
 * The new root is on `/`, so that a process that leaves its chroot by `..` comes to it again.
 *
 * @param options.root the open root of a mount; closed afterwards
 * @param options.onSlash whether it is on `/` already, as `directoryRoot` leaves it. Default true
 * @throws EINVAL it is no mount point, or is on a mount that is shared (move_mount)
 * @see pivot_root(2), NOTES, on the initial ramfs; runc's no_pivot
 */
export function moveRoot({ root, onSlash = true }: { readonly root: FdRef; readonly onSlash?: boolean }): Program {
  return [
    ...(onSlash ? [] : [sys.move_mount(root, '', 'AT_FDCWD', '/', ['MOVE_MOUNT_F_EMPTY_PATH'], 'a process that leaves its chroot must find nothing but the new root')]),
    sys.fchdir(root, 'chroot takes a path, and this one cannot be led astray'),
    sys.close(root, 'descriptors of the root must not stay open'),
    sys.chroot('.', 'the initial ramfs cannot be taken off, so it is left below'),
    sys.chdir('/', 'chroot leaves the working directory as it is'),
  ]
}
