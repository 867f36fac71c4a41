import type { FdRef } from '@ctr/syscall'

/** Mounts of the kernel's own file systems that the program keeps open, by their path: `{ '/proc': { fd: 'proc' } }`. */
export type Within = Readonly<Record<string, FdRef>>

/** A path below one of the kept mounts, relative to it: what is below belongs to the kernel, so no image can lead it astray. */
export function relative(path: string, within: Within): { readonly base: FdRef; readonly rest: string } | undefined {
  for (const [mount, base] of Object.entries(within)) {
    const rest = path.startsWith(`${mount}/`) ? path.slice(mount.length + 1) : ''
    if (rest !== '' && !rest.split('/').includes('..')) return { base, rest }
  }
  return undefined
}
