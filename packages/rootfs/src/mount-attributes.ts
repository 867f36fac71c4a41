import { sys, type Constant, type FdRef, type Syscall } from '@ctr/syscall'
import { frozen } from './frozen.ts'
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
export function setAttributes(mount: FdRef, attributes: MountAttributes, why: string): Syscall {
  let struct = structs.get(attributes)
  if (!struct) {
    struct = structOf(attributes)
    if (Object.isFrozen(attributes)) structs.set(attributes, frozen(struct))
  }
  return sys.mount_setattr(mount, '', attributes.recursive ? flags.recursive : flags.one, struct, why)
}

const flags = frozen({ one: ['AT_EMPTY_PATH'], recursive: ['AT_EMPTY_PATH', 'AT_RECURSIVE'] } as const)

/** Of attributes that cannot change: thousands of mounts have the same. */
const structs = new WeakMap<MountAttributes, Struct>()
type Struct = Parameters<typeof sys.mount_setattr>[3]

function structOf({ set = [], clear = [], propagation, idMap }: MountAttributes): Struct {
  // mount_setattr(2): the three access time modes are one value, and the old one must be cleared as a whole
  const cleared = [...set, ...clear].some((name) => atime.includes(name)) ? [...clear.filter((name) => !atime.includes(name) && name !== 'MOUNT_ATTR__ATIME'), 'MOUNT_ATTR__ATIME' as const] : clear
  return {
    ...(set.length > 0 || idMap ? { attr_set: idMap ? [...set, 'MOUNT_ATTR_IDMAP'] : set } : {}),
    ...(cleared.length > 0 ? { attr_clr: cleared } : {}),
    ...(propagation ? { propagation: [propagationFlags[propagation]] } : {}),
    ...(idMap ? { userns_fd: idMap } : {}),
  }
}
