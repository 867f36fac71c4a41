import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { sys, SyscallError } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/**
 * The exclusive right to a container's directory. It lasts as long as any process has the descriptor open: its owner, and the process
 * that cleans up if the owner dies. So there is no stale lock, and nobody takes a name while somebody still removes what was behind it.
 *
 * @returns a descriptor, `taken` where somebody else has the right, `gone` where there is no such directory
 * @see flock(2)
 */
export function lock(directory: string): number | 'taken' | 'gone' {
  for (;;) {
    const fd = open(directory)
    if (fd === undefined) return 'gone'
    const locked = tryLock(fd)
    // It may have been removed, and made anew by another, between the open and the lock.
    if (locked && leadsTo(directory, fd)) return fd
    closeSync(fd)
    if (!locked) return 'taken'
  }
}

function open(directory: string): number | undefined {
  try {
    return openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function tryLock(fd: number): boolean {
  try {
    perform([sys.flock(fd, ['LOCK_EX', 'LOCK_NB'], 'one process at a time may change what is behind a name')])
    return true
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'EAGAIN') return false
    closeSync(fd)
    throw error
  }
}

function leadsTo(path: string, fd: number): boolean {
  const [there, here] = [statSync(path, { throwIfNoEntry: false }), fstatSync(fd)]
  return there?.ino === here.ino && there.dev === here.dev
}
