import { sys, type Constant, type FdRef, type Syscall } from '@ctr/syscall'
import { propagationFlags, type OwnPropagation } from './propagation.ts'

/** What mount_setattr(2) sets and clears on a mount, as one call. */
export interface MountAttributes {
  readonly set?: readonly Constant<'mount_attr'>[]
  readonly clear?: readonly Constant<'mount_attr'>[]
  /** Every mount below as well. Default false. */
  readonly recursive?: boolean
  readonly propagation?: OwnPropagation
  /** A user namespace: files appear with the ids that its maps give them (`MOUNT_ATTR_IDMAP`). */
  readonly idMap?: FdRef
}

const atime: readonly string[] = ['MOUNT_ATTR_NOATIME', 'MOUNT_ATTR_STRICTATIME']

/**
 * The mount of a descriptor has the attributes. Done before the mount is attached, there is no moment in which it is visible
 * without them.
 *
 * @throws EINVAL an ID mapping, on a file system that has none: overlayfs, and tmpfs before Linux 6.3
 */
export function setAttributes(mount: FdRef, { set = [], clear = [], recursive = false, propagation, idMap }: MountAttributes, why: string): Syscall {
  // mount_setattr(2): the three access time modes are one value, and the old one must be cleared as a whole
  const cleared = [...set, ...clear].some((name) => atime.includes(name)) ? [...clear.filter((name) => !atime.includes(name) && name !== 'MOUNT_ATTR__ATIME'), 'MOUNT_ATTR__ATIME' as const] : clear
  return sys.mount_setattr(mount, '', recursive ? ['AT_EMPTY_PATH', 'AT_RECURSIVE'] : ['AT_EMPTY_PATH'], {
    ...(set.length > 0 || idMap ? { attr_set: idMap ? [...set, 'MOUNT_ATTR_IDMAP'] : set } : {}),
    ...(cleared.length > 0 ? { attr_clr: cleared } : {}),
    ...(propagation ? { propagation: [propagationFlags[propagation]] } : {}),
    ...(idMap ? { userns_fd: idMap } : {}),
  }, why)
}
