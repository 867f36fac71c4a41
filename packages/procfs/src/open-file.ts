import type { FdTarget } from './fd.ts'
import type { FdInfo } from './fdinfo.ts'

/** A descriptor that has a path: of a file, a directory, a device or a named pipe. */
export interface OpenRegularFile {
  readonly fd: number
  /** As the process's root directory would be seen from the reader's. */
  readonly path: string
  /** Removed, or the name ends so. */
  readonly deleted: boolean
  readonly posBytes: bigint
  readonly access: 'read' | 'write' | 'read-write' | 'path'
  readonly append: boolean
  /** Closed by execve(2). */
  readonly closeOnExec: boolean
  /** All open flags. */
  readonly flags: number
}

// include/uapi/asm-generic/fcntl.h; x86, arm, riscv, s390 and powerpc have these in common.
const O_ACCMODE = 0o3
const O_APPEND = 0o2000
const O_CLOEXEC = 0o2000000
const O_PATH = 0o10000000
const ACCESS = ['read', 'write', 'read-write', 'read-write'] as const

/** A descriptor's link and its fdinfo together. */
export function openRegularFile(fd: number, target: FdTarget & { readonly kind: 'path' }, info: FdInfo): OpenRegularFile {
  const has = (flag: number): boolean => (info.flags & flag) !== 0
  return {
    fd,
    path: target.path,
    deleted: target.deleted,
    posBytes: info.posBytes,
    access: has(O_PATH) ? 'path' : ACCESS[info.flags & O_ACCMODE]!,
    append: has(O_APPEND),
    closeOnExec: has(O_CLOEXEC),
    flags: info.flags,
  }
}
