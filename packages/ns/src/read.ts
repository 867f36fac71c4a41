import { closeSync, fstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { constant, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { parseLink, type Handle } from './handle.ts'
import { cloneFlags, kinds, type Kind } from './kind.ts'
import { netnsPath } from './netns.ts'

/** Where to look: another procfs than the caller's own, such as a host's under `/host/proc`. */
export interface ProcOptions {
  readonly root?: string
}

/**
 * The namespace of one kind that a process is in, by PID or by pidfd; or the one behind a path, a descriptor, or a name of `ip netns`.
 *
 * `'self'` is the calling thread, for in Node each thread may be in namespaces of its own. A pidfd is of a process of this PID namespace.
 *
 * @throws ENOENT, EACCES (Node's system error) there is no such process or path, or it is another user's
 * @throws TypeError the path or descriptor is not of a namespace, or not a pidfd
 * @throws Error the process of a pidfd has ended
 * @example
 * read('self', 'net') // e.g. { kind: 'net', inode: 4026531840, dev: 4 }
 */
export function read(pid: number | 'self' | { readonly pidfd: number }, kind: Kind, options?: ProcOptions): Handle
export function read(at: string | { readonly fd: number } | { readonly netns: string }): Handle
export function read(of: number | string | { readonly pidfd: number } | { readonly fd: number } | { readonly netns: string }, kind?: Kind, options?: ProcOptions): Handle {
  if (typeof of === 'object' && 'netns' in of) return readPath(netnsPath(of.netns))
  if (typeof of === 'object' && 'fd' in of) return readDescriptor(of.fd, `descriptor ${of.fd}`)
  if (kind === undefined) return readPath(String(of))
  cloneFlags([kind])
  return typeof of === 'object' ? readPidfd(of.pidfd, kind) : readPath(link(of, kind, options))
}

/**
 * The namespaces of every kind that a process is in. A kind is absent where the kernel does not have it, and most are
 * for a zombie.
 *
 * @throws ENOENT, EACCES (Node's system error) there is no such process, or it is another user's
 */
export function readAll(pid: number | 'self', options?: ProcOptions): { readonly [K in Kind]?: Handle } {
  const found: { [K in Kind]?: Handle } = {}
  readPath(link(pid, 'user', options))
  for (const kind of kinds) {
    try {
      found[kind] = readPath(link(pid, kind, options))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}

function link(pid: number | string, kind: Kind, { root = '/proc' }: ProcOptions = {}): string {
  return `${root}/${pid === 'self' ? 'thread-self' : pid}/ns/${kind}`
}

function readPath(path: string): Handle {
  const { ino, dev } = statSync(path)
  return { kind: linkKind(path) ?? askedKind(path), inode: ino, dev }
}

function linkKind(path: string): Kind | undefined {
  try {
    return parseLink(readlinkSync(path))?.kind
  } catch {
    return undefined // not a link: a file that a namespace is pinned on
  }
}

function askedKind(path: string): Kind {
  const fd = perform([sys.openat('AT_FDCWD', path, ['O_RDONLY', 'O_CLOEXEC', 'O_NONBLOCK'], 0, { as: 'ns', why: 'a path alone does not tell the kind of a namespace' })]).fds['ns']!
  try {
    return readDescriptor(fd, path).kind
  } finally {
    closeSync(fd)
  }
}

/** The kernel itself tells the kind: NS_GET_NSTYPE answers with the flag. */
function readDescriptor(fd: number, shown: string): Handle {
  const { results } = perform([sys.ioctl(fd, 'NS_GET_NSTYPE', { why: 'a file with a namespace on it looks like any other', allow: ['ENOTTY', 'EINVAL'] })])
  const kind = kinds.find((k) => constant(cloneFlags([k])[0]!) === results[0])
  if (kind === undefined) throw new TypeError(`${shown} is not a namespace`)
  const { ino, dev } = fstatSync(fd)
  return { kind, inode: ino, dev }
}

/** Its PID is asked before and after, for it may have been given to another process in between. */
function readPidfd(pidfd: number, kind: Kind): Handle {
  const pid = pidOf(pidfd)
  const found = pid > 0 ? readIfThere(link(pid, kind)) : undefined
  if (found === undefined || pidOf(pidfd) !== pid) throw new Error(`Cannot read the ${kind} namespace of pidfd ${pidfd}: its process has ended`)
  return found
}

function readIfThere(path: string): Handle | undefined {
  try {
    return readPath(path)
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/** -1 where the process has ended. See pidfd_open(2), and proc_pid_fdinfo(5). */
function pidOf(pidfd: number): number {
  const [, pid] = /^Pid:\s*(-?\d+)$/m.exec(readFileSync(`/proc/thread-self/fdinfo/${pidfd}`, 'utf8')) ?? []
  if (pid === undefined) throw new TypeError(`Descriptor ${pidfd} is not a pidfd`)
  return Number(pid)
}
