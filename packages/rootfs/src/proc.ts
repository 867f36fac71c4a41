import { sys, type Constant, type FdRef, type Program } from '@ctr/syscall'
import { attach, filesystem } from './filesystem.ts'
import { place } from './place.ts'

export interface ProcOptions {
  readonly root: FdRef
  /** Keeps the mount open under this name, for masks and sysctls. */
  readonly as?: string
  /** `hidepid=invisible`, `subset=pid`. */
  readonly data?: readonly string[]
}

/**
 * /proc shows the processes of the PID namespace of the process that runs this.
 *
 * @throws ELOOP /proc of the image is a symbolic link
 * @throws EPERM in a user namespace: without an own PID namespace, or where the host's /proc is covered in places
 * @see proc(5)
 */
export function proc({ root, as, data = [] }: ProcOptions): Program {
  return kernelFilesystem({ root, type: 'proc', name: 'proc', data, attributes: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'], ...(as === undefined ? {} : { as }) })
}

export interface KernelFilesystemOptions extends ProcOptions {
  readonly type: string
  readonly name: string
  readonly attributes: readonly Constant<'mount_attr'>[]
}

/** One of the kernel's own interfaces is mounted on a directory directly in the root. */
export function kernelFilesystem({ root, type, name, data = [], attributes, as }: KernelFilesystemOptions): Program {
  const mount = { fd: as ?? `${type} mount` }
  return [
    ...place({ root, name, as: 'place' }),
    ...filesystem({ type, source: type, data, attributes, as: mount.fd }),
    ...attach(mount, { fd: 'place' }),
    sys.close({ fd: 'place' }, 'descriptors of the root must not stay open'),
    ...(as === undefined ? [sys.close(mount, 'the mount keeps its place without a descriptor')] : []),
  ]
}
