import { constant, errnoName, sys, type Constant } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { native } from './native.ts'

/** Descriptors that are closed together, whatever happens. */
export class Owned {
  readonly #fds = new Set<number>()

  add(fd: number): number {
    this.#fds.add(fd)
    return fd
  }

  has(fd: number): boolean {
    return this.#fds.has(fd)
  }

  /** Takes a descriptor out: somebody else closes it. */
  release(fd: number): number {
    this.#fds.delete(fd)
    return fd
  }

  close(fd: number): void {
    if (this.#fds.delete(fd)) close(fd)
  }

  closeAll(): void {
    for (const fd of this.#fds) this.close(fd)
  }
}

/** Another descriptor of the same, close-on-exec. */
export function copy(fd: number, least = 3): number {
  return perform([sys.fcntl(fd, 'F_DUPFD_CLOEXEC', least, { as: 'copy', why: 'the numbers below are taken, or another\'s to close' })]).fds['copy']!
}

/** Not by node:fs, which in a Worker keeps account of what it has opened itself. */
export function close(fd: number): void {
  native().close(fd)
}

/** Opens a file, to be closed by `close`. */
export function open(path: string, ...flags: readonly Constant<'open'>[]): number {
  return perform([sys.openat('AT_FDCWD', path, ['O_CLOEXEC', ...flags], 0, { as: 'file', why: 'the process needs it open' })]).fds['file']!
}

function pair(syscall: string, make: (fds: Uint8Array) => number): [number, number] {
  const fds = new Uint8Array(new ArrayBuffer(8))
  if (make(fds) !== 0) {
    const errno = native().errno()
    throw Object.assign(new Error(`${syscall}: ${errnoName(errno)}`), { code: errnoName(errno), errno: -errno, syscall })
  }
  return [...new Int32Array(fds.buffer)] as [number, number]
}

/** A pipe: [read end, write end], both close-on-exec. */
export function pipe(): [number, number] {
  return pair('pipe2', (fds) => native().pipe2(fds, constant('O_CLOEXEC', process.arch === 'arm64' ? 'arm64' : 'x64')))
}

/** A pair of sockets that keep messages apart. */
export const socketPair = (): [number, number] => sockets('SOCK_SEQPACKET')

/** A pair of sockets that are a pipe in both directions. */
export const streamPair = (): [number, number] => sockets('SOCK_STREAM')

function sockets(type: Constant<'socket'>): [number, number] {
  return pair('socketpair', (fds) => native().socketpair(constant('AF_UNIX'), constant(type) | constant('SOCK_CLOEXEC'), 0, fds))
}
