import { readlinkSync } from 'node:fs'

/** What a process has as 0, 1 and 2 when it is made, while its command has not run. */
export const linksOf = (pid: number): string[] => [0, 1, 2].map((fd) => linkOf(pid, fd))

/** Empty where there is none. */
export function linkOf(pid: number, fd: number): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`)
  } catch (error) {
    // Not open; or it has ended, or is not ours to look at.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
