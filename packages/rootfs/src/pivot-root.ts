import { sys, type FdRef, type Program } from '@ctr/syscall'

/**
 * The root directory is the new root, and nothing of the host's mounts is left in this mount namespace.
 *
 * The old root is stacked on the new one and taken off again, so no directory is needed to put it in.
 *
 * @param options.root the open root of a mount; closed afterwards
 * @throws EINVAL it is no mount point, or a mount is shared
 * @throws EBUSY it is on the current root mount
 * @see pivot_root(2), NOTES, pivot_root(".", ".")
 */
export function pivotRoot({ root }: { readonly root: FdRef }): Program {
  return [
    sys.fchdir(root, 'pivot_root takes paths only, and this one cannot be led astray'),
    sys.close(root, 'descriptors of the root must not stay open'),
    sys.pivot_root('.', '.', 'stack the old root on top of the new one'),
    sys.umount2('.', ['MNT_DETACH'], 'the host\'s mounts must not be reachable, and some are in use'),
    sys.chdir('/', 'the working directory must be in the new root'),
  ]
}
