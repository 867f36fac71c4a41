import { readFileSync } from 'node:fs'
import { CgroupError, group, parseProcCgroup, read, type Group } from '@ctr/cgroup'

/**
 * The group that another process of a container can be in: its own or, where that gives its children controllers and so takes no process of
 * version 2 any more, the one below it that its first process has gone to.
 *
 * @see Documentation/admin-guide/cgroup-v2.rst, No Internal Process Constraint
 */
export function joinableGroup(own: Group, pid: number): Group {
  if (own.layout.mode !== 'v2' || !divided(own)) return own
  const path = parseProcCgroup(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).find(({ hierarchy }) => hierarchy === 0)?.path
  return path?.startsWith(`${own.path}/`) ? group(own.layout, path) : own
}

function divided(own: Group): boolean {
  try {
    return read(own, 'cgroup.subtree_control').trim() !== ''
  } catch (error) {
    // Gone, with its container.
    if (error instanceof CgroupError && ['ENOENT', 'ENODEV'].includes(error.code)) return false
    throw error
  }
}
