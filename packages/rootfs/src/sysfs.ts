import type { FdRef, Program } from '@ctr/syscall'
import { kernelFilesystem } from './proc.ts'

export interface SysfsOptions {
  readonly root: FdRef
  /** Default true: most of what is in it belongs to the whole machine. */
  readonly readOnly?: boolean
  /** Keeps the mount open under this name, for masks and cgroups. */
  readonly as?: string
}

/**
 * /sys shows the devices, and the interfaces of the network namespace of the process that runs this.
 *
 * @throws ELOOP /sys of the image is a symbolic link
 * @throws EPERM in a user namespace without an own network namespace
 * @see sysfs(5)
 */
export function sysfs({ root, readOnly = true, as }: SysfsOptions): Program {
  const attributes = ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'] as const
  return kernelFilesystem({ root, type: 'sysfs', name: 'sys', attributes: readOnly ? ['MOUNT_ATTR_RDONLY', ...attributes] : attributes, ...(as === undefined ? {} : { as }) })
}
