import { sys, type Constant, type FdRef, type Program } from '@ctr/syscall'
import { attach, filesystem } from './filesystem.ts'
import { setAttributes } from './mount-attributes.ts'

export interface CopyUpOptions {
  /** A tmpfs that is in no place yet. It is closed. */
  readonly tmpfs: FdRef
  /** The directory that is covered, as `target` opens it. */
  readonly target: FdRef
  readonly attributes?: readonly Constant<'mount_attr'>[]
  /** Of the new root directory. Default 0o755. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** In a user namespace an overlay keeps its notes in `user.` attributes (Linux 5.11). Default false. */
  readonly userNamespace?: boolean
  /** More options of the overlay: the SELinux context that the tmpfs has. */
  readonly data?: readonly string[]
}

/**
 * A directory shows its content, and what is changed in it goes to memory: OCI's `tmpcopyup`, without copying.
 *
 * An overlay of the tmpfs and the directory, of which both are found by descriptor. All other mounts that it takes are gone afterwards.
 * Unlike a copy it costs nothing to make, the size of the tmpfs limits the changes only, and statfs(2) calls it an overlay. The
 * working directory is `/` afterwards.
 *
 * @throws EINVAL the directory is on an overlay of an overlay: there can be two on top of each other, not three
 * @see Documentation/filesystems/overlayfs.rst
 */
export function copyUp({ tmpfs, target, attributes = [], mode = 0o755, uid, gid, userNamespace = false, data = [] }: CopyUpOptions): Program {
  const [lower, overlay] = [{ fd: 'lower' }, { fd: 'copy' }]
  const close = (mount: FdRef) => sys.close(mount, 'the mount keeps its place without a descriptor')
  return [
    sys.open_tree(target, '', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH'], { as: lower.fd, why: 'a layer is named by a path, and this one must be where nobody can change what it leads to' }),
    setAttributes(lower, { propagation: 'private' }, 'what is mounted for a moment must not reach the host'),
    ...attach(tmpfs, target, 'an overlay accepts layers on mounts of this namespace only'),
    sys.fchdir(tmpfs, 'relative paths are looked up in a file system that nobody else has'),
    ...(['lower', 'upper', 'work'] as const).map((name) => sys.mkdirat('AT_FDCWD', name, 0o700, 'an overlay needs a directory for each of its parts')),
    ...(uid === undefined && gid === undefined ? [] : [sys.fchownat('AT_FDCWD', 'upper', uid ?? 0, gid ?? 0, [], 'the upper directory is the root of the overlay')]),
    sys.fchmodat('AT_FDCWD', 'upper', mode, 'the upper directory is the root of the overlay'),
    sys.move_mount(lower, '', 'AT_FDCWD', 'lower', ['MOVE_MOUNT_F_EMPTY_PATH'], 'the directory itself is about to be covered'),
    ...filesystem({ type: 'overlay', source: 'tmpfs', data: ['lowerdir=lower', 'upperdir=upper', 'workdir=work', ...(userNamespace ? ['userxattr'] : []), ...data], attributes, as: overlay.fd }),
    sys.umount2('.', ['MNT_DETACH'], 'the overlay holds its layers itself'),
    ...attach(overlay, target),
    sys.chdir('/', 'the working directory must not hold what was unmounted'),
    close(lower), close(tmpfs), close(overlay),
  ]
}
