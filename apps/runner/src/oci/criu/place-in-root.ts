import { closeSync, readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { sys, SyscallError } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/**
 * Where a path of a root directory really is, below it, with symbolic links followed as if that were `/`; as it is written where there is nothing.
 *
 * @see openat2(2), RESOLVE_IN_ROOT
 */
export function placeInRoot(root: string, path: string): string {
  const opened: number[] = []
  const open = (of: Parameters<typeof perform>[0], known: Readonly<Record<string, number>> = {}): number => {
    const fd = perform(of, known).fds['file']!
    opened.push(fd)
    return fd
  }
  try {
    const directory = open([sys.openat('AT_FDCWD', root, ['O_PATH', 'O_CLOEXEC'], 0, { as: 'file', why: 'everything is found from here' })])
    const found = open([
      sys.openat2({ fd: 'root' }, path.replace(/^\/+/, '') || '.', { flags: ['O_CLOEXEC', 'O_PATH'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }, { as: 'file', retry: ['EAGAIN'], why: 'links in the image must not lead out of it' }),
    ], { root: directory })
    const [top, place] = [directory, found].map((fd) => readlinkSync(`/proc/self/fd/${fd}`)) as [string, string]
    return posix.join('/', top === '/' ? place : place.slice(top.length))
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(error.code)) return path
    throw error
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}
