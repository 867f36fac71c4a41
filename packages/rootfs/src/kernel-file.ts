import { sys, type FdRef, type Program } from '@ctr/syscall'
import { filesystem } from './filesystem.ts'

/**
 * A proc file system is open that is in no place: nothing can be mounted over its files, nor a link lead elsewhere.
 *
 * What a runtime writes into /proc goes through it and never through the /proc of a container, where a race could send it to
 * `sysrq-trigger` or to nowhere (CVE-2025-52881, CVE-2019-16884).
 *
 * @throws EPERM in a user namespace: without an own PID namespace, or where the host's /proc is covered in places
 * @see proc(5)
 */
export function privateProc({ as }: { readonly as: string }): Program {
  return filesystem({ type: 'proc', source: 'proc', attributes: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'], as })
}

export interface KernelFileOptions {
  /** What `privateProc` opened. It stays open. */
  readonly proc: FdRef
  /** Below it: `sys/net/ipv4/ip_forward`, `self/attr/exec`. */
  readonly path: string
  /** One write(2) has all of it. */
  readonly value: string
  readonly why: string
}

/**
 * A file of the kernel has a value. The look-up stays on the file system that was opened.
 *
 * @throws ENOENT there is no such setting
 * @throws EXDEV the path leaves the file system
 * @throws EINVAL the kernel does not take the value
 */
export function writeKernelFile({ proc, path, value, why }: KernelFileOptions): Program {
  const file = { fd: 'kernel file' }
  return [
    sys.openat2(proc, path, { flags: ['O_WRONLY', 'O_CLOEXEC'], resolve: ['RESOLVE_NO_XDEV', 'RESOLVE_NO_MAGICLINKS', 'RESOLVE_BENEATH'] },
      { as: file.fd, retry: ['EAGAIN'], why: 'what is written must reach this file and no other' }),
    sys.write(file, value, { why, returns: new TextEncoder().encode(value).length }),
    sys.close(file, 'it is written once'),
  ]
}
