import { closeSync, fstatSync, readFileSync } from 'node:fs'
import { sys, SyscallError } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/** No list of users is longer, and we should not run out of memory for an image. */
const mostBytes = 10 * 2 ** 20

/**
 * The text of a file in somebody else's root directory, with symbolic links followed as if that were `/`; empty where there is none.
 *
 * By string, a link `/etc/passwd -> /etc/shadow` of an image would be followed on the host.
 *
 * @throws RangeError the file is longer than 10 MiB
 * @see openat2(2), RESOLVE_IN_ROOT
 */
export function readInRoot(root: string, path: string): string {
  let fds: Readonly<Record<string, number>> = {}
  try {
    fds = perform([
      sys.openat('AT_FDCWD', root, ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'root', why: 'everything is found from here' }),
      // O_PATH: it may be a device, which opening does something to, or a FIFO that nobody writes to.
      sys.openat2({ fd: 'root' }, path, { flags: ['O_CLOEXEC', 'O_PATH'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }, { as: 'file', retry: ['EAGAIN'], why: 'links in the image must not lead out of it' }),
    ]).fds
    const stat = fstatSync(fds['file']!)
    if (!stat.isFile()) return ''
    if (stat.size > mostBytes) throw new RangeError(`Cannot read /${path} of the image: it has ${stat.size} bytes`)
    return readFileSync(`/proc/self/fd/${fds['file']}`, 'utf8')
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(error.code)) return ''
    throw error
  } finally {
    for (const fd of Object.values(fds)) closeSync(fd)
  }
}
