import { sys, type Constant, type Program } from '@ctr/syscall'
import { setAttributes } from './mount-attributes.ts'

export interface DirectoryRootOptions {
  /** A directory of the host. */
  readonly source: string
  /** The directory in the host's view that the root is mounted on until `pivotRoot`: `/`, where it hides nothing. */
  readonly at?: string
  /** With the mounts below the directory. Default false: they are not part of it. */
  readonly recursive?: boolean
  /** Default: devices of the image do not open, since those of /dev are on a file system of their own. */
  readonly attributes?: readonly Constant<'mount_attr'>[]
  readonly as: string
}

/**
 * A directory is a mount of its own, as pivot_root needs it, and is open as `as`.
 *
 * By default it is mounted on `/`: absolute paths still reach the host, because they start at the process's root directory itself and
 * not at what is mounted on it (path_resolution(7), Step 1).
 *
 * @throws ENOENT the directory does not exist
 * @throws EINVAL not recursive, in a user namespace, and mounts of the host are below the directory
 * @see pivot_root(2), ERRORS, EINVAL
 */
export function directoryRoot({ source, at = '/', recursive = false, attributes = ['MOUNT_ATTR_NODEV'], as }: DirectoryRootOptions): Program {
  const root = { fd: as }
  return [
    sys.open_tree('AT_FDCWD', source, recursive ? ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_RECURSIVE'] : ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'],
      { as, why: 'pivot_root takes a mount, not a directory' }),
    setAttributes(root, { set: attributes, recursive, propagation: 'private' }, 'device files of an image must not reach the host\'s devices'),
    sys.move_mount(root, '', 'AT_FDCWD', at, ['MOVE_MOUNT_F_EMPTY_PATH'], 'pivot_root takes a mount of this namespace only'),
  ]
}
