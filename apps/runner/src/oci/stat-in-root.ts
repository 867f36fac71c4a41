import { closeSync, fstatSync, type Stats } from 'node:fs'
import { sys, SyscallError } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/**
 * What is at a path in somebody else's root directory, with symbolic links followed as if that were `/`; undefined where there is nothing.
 *
 * @see openat2(2), RESOLVE_IN_ROOT
 */
export function statInRoot(root: string, path: string): Stats | undefined {
  let fds: Readonly<Record<string, number>> = {}
  try {
    fds = perform([
      sys.openat('AT_FDCWD', root, ['O_PATH', 'O_CLOEXEC'], 0, { as: 'root', why: 'everything is found from here' }),
      sys.openat2({ fd: 'root' }, path, { flags: ['O_CLOEXEC', 'O_PATH'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }, { as: 'file', retry: ['EAGAIN'], why: 'links in the image must not lead out of it' }),
    ]).fds
    return fstatSync(fds['file']!)
  } catch (error) {
    if (error instanceof SyscallError && ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'].includes(error.code)) return undefined
    throw error
  } finally {
    for (const fd of Object.values(fds)) closeSync(fd)
  }
}
