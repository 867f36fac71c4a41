import type { ErrnoName } from './errno-table.ts'
import type { SyscallName } from './abi.ts'

/** The two instruction sets that programs are assembled for. */
export type Machine = 'x64' | 'arm64'

/** The descriptor that an earlier call of the program returned, or one that is open when it starts. */
export interface FdRef {
  readonly fd: string
}

/** A buffer the kernel fills: its size in bytes. */
export interface OutBuffer {
  readonly out: number
}

/** Bytes that are not text. */
export interface HexBytes {
  readonly hex: string
}

/** One argument as JSON: no closures, no bigint, no Buffers. */
export type Arg = string | number | null | FdRef | OutBuffer | HexBytes | readonly Arg[] | { readonly [field: string]: Arg }

/**
 * One system call, not yet made.
 *
 * `args` are in kernel order. Sizes that follow from another argument (the length of a string, the size of a struct) are not
 * written down: every reader takes them from the ABI table.
 */
export interface Syscall {
  readonly name: SyscallName
  readonly args: readonly Arg[]
  /** One lower-case clause: the constraint that makes this call necessary, not what it does. */
  readonly why: string
  /** Names the returned descriptor, for `{ fd: name }` in later calls. */
  readonly as?: string
  /** These errnos do not stop the program. */
  readonly allow?: readonly ErrnoName[]
  /** These errnos are tried again, at most 128 times. */
  readonly retry?: readonly ErrnoName[]
  /** The only return value that counts as success: a checkpoint that reads 0 bytes has lost its parent. */
  readonly returns?: number
}

/** A straight line of calls: no branches, no loops, it stops at the first error that is not allowed. */
export type Program = readonly Syscall[]
