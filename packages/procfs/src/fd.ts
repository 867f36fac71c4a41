/** An open file descriptor of a process. */
export interface OpenFile {
  readonly fd: number
  /** As the link reads: a path, `pipe:[123]`, `socket:[123]`, `anon_inode:[eventpoll]`, `/memfd:name (deleted)`. */
  readonly target: string
}

/** A link target of /proc/PID/fd taken apart. */
export type FdTarget =
  | { readonly kind: 'path'; readonly path: string; readonly deleted: boolean }
  | { readonly kind: 'memfd'; readonly name: string }
  | { readonly kind: 'anon_inode'; readonly name: string }
  /** `pipe`, `socket`, or a namespace kind such as `net`. */
  | { readonly kind: 'inode'; readonly type: string; readonly inode: bigint }
  | { readonly kind: 'other'; readonly text: string }

const DELETED = ' (deleted)'

/**
 * What a link target of /proc/PID/fd points to.
 *
 * Paths are absolute, so a file called `pipe:[1]` cannot pass for a pipe; but a file whose name ends in ` (deleted)`
 * cannot be told from a deleted one, nor `/memfd:x (deleted)` in the root directory from a memfd: compare fstat(2).
 *
 * @see proc(5) /proc/pid/fd
 * @example
 * parseFdTarget('socket:[4711]') // { kind: 'inode', type: 'socket', inode: 4711n }
 */
export function parseFdTarget(target: string): FdTarget {
  if (target.startsWith('/')) {
    const deleted = target.endsWith(DELETED)
    const path = deleted ? target.slice(0, -DELETED.length) : target
    return deleted && path.startsWith('/memfd:') ? { kind: 'memfd', name: path.slice('/memfd:'.length) } : { kind: 'path', path, deleted }
  }
  const inode = /^([a-z_]+):\[(\d{1,20})\]$/.exec(target)
  if (inode !== null) return { kind: 'inode', type: inode[1]!, inode: BigInt(inode[2]!) }
  const anonymous = /^anon_inode:\[?([^\]]*)\]?$/.exec(target)
  if (anonymous !== null) return { kind: 'anon_inode', name: anonymous[1]! }
  return { kind: 'other', text: target }
}
