import { existsSync } from 'node:fs'
import { CgroupError } from './cgroup-error.ts'
import { placeOf, type Group } from './group.ts'
import { readText } from './interface-file.ts'
import { listed, subtree } from './members.ts'

/** Whether the group has a directory in any of its hierarchies. */
export function exists(group: Group): boolean {
  return group.places.some((place) => existsSync(place.directory))
}

/**
 * Whether a process lives in the group or below it; false for a group that is gone.
 *
 * v2 answers in one read; v1 walks, because it has no such file. A process that has exited but was not reaped does not count.
 */
export function populated(group: Group): boolean {
  const unified = placeOf(group, 'unified')
  if (unified) {
    try {
      if (readText(`${unified.directory}/cgroup.events`).split('\n').includes('populated 1')) return true
      if (group.places.length === 1) return false
    } catch (error) {
      if (!(error instanceof CgroupError) || !['ENOENT', 'ENODEV'].includes(error.code)) throw error
    }
  }
  // Hybrid: a process may have joined the v1 hierarchies only.
  return group.places.some((place) => subtree(place.directory).some((directory) => listed(directory, 'cgroup.procs').length > 0))
}
