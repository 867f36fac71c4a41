import { dirname } from 'node:path'
import type { Place } from './group.ts'
import { readText, writeText } from './interface-file.ts'

/**
 * The v1 cpuset of `directory` has CPUs and memory nodes, the parent's.
 *
 * A new v1 cpuset is empty and refuses every process with ENOSPC. A parent that is still empty is filled first: another process may
 * have made it and not come further. `cgroup.clone_children` would do the same but changes the parent, which may not be ours.
 *
 * @see cpuset(7), ENOSPC
 */
export function inheritCpuset(place: Place, directory: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) inherit(place.mountpoint, directory, file)
}

function inherit(mountpoint: string, directory: string, file: string): string {
  const parent = dirname(directory)
  let value = readText(`${parent}/${file}`).trim()
  if (value === '' && parent !== mountpoint && parent.startsWith(mountpoint)) value = inherit(mountpoint, parent, file)
  if (value !== '') writeText(`${directory}/${file}`, value)
  return value
}
