import { readlinkSync } from 'node:fs'
import { OciError } from '../oci-error.ts'
import { preservedName } from '../program/preserved.ts'

/**
 * The descriptors from 3 on that whoever started us has for the command, as launch passes them.
 *
 * @param count `--preserve-fds`
 * @throws OciError we were not started with as many: the numbers behind those that were given are Node's own
 */
export function preservedDescriptors(count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => {
    const fd = 3 + i
    if (!given(fd)) throw new OciError(`--preserve-fds ${count}: descriptor ${fd} is not open (EBADF)`)
    return [preservedName(i), fd]
  }))
}

/** Node opens the epoll descriptor of its event loop before anything else that stays open, so behind all that it was given. */
function given(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) !== 'anon_inode:[eventpoll]'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
