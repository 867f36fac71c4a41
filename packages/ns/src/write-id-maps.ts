import { readFileSync } from 'node:fs'
import { perform } from '@ctr/syscall/perform'
import { idMaps, type IdMaps } from './id-maps.ts'
import { idMapText, parseIdMap, type IdMapRange } from './uid_map.ts'

/**
 * The process's user namespace has these ID maps, and they were read back.
 *
 * They can be written once in a user namespace's life. Hold the process at a checkpoint meanwhile, so that its PID stays its own.
 *
 * @throws SyscallError EPERM: written before, IDs that the writer may not map, or gid_map before setgroups was denied
 * @throws SyscallError ENOENT: the process has ended
 * @throws RangeError the kernel would refuse a map
 */
export function writeIdMaps(pid: number, maps: IdMaps, { root = '/proc' }: { readonly root?: string } = {}): void {
  perform(idMaps(pid, maps, root))
  readBack(pid, maps, root)
}

/** Throws where the kernel does not show what was written. */
export function readBack(pid: number, maps: IdMaps, root = '/proc'): void {
  for (const which of ['uid', 'gid', 'projid'] as const) {
    const written = maps[which]
    if (written === undefined) continue
    const found = parseIdMap(readFileSync(`${root}/${pid}/${which}_map`, 'utf8'), `${which}_map`)
    // The kernel sorts maps of more than five ranges.
    if (sortedText(found) !== sortedText(written)) throw new Error(`${root}/${pid}/${which}_map is ${JSON.stringify(idMapText(found))}, not what was written`)
  }
}

function sortedText(map: readonly IdMapRange[]): string {
  return idMapText([...map].sort((a, b) => a.inside - b.inside))
}
