import { readdirSync, statSync } from 'node:fs'
import { CgroupError } from './cgroup-error.ts'
import { explained } from './explain-refusal.ts'
import { type Group, type Place } from './group.ts'
import { readText, writeText } from './interface-file.ts'

/**
 * The process, with all its threads, is in the group in each of its hierarchies.
 *
 * Children made later are born there; children it already has stay where they are. After an error it may be in some of the hierarchies.
 *
 * @param pid as this process sees it; 0 is this process
 * @throws CgroupError ESRCH no such process
 * @throws CgroupError ENOENT no such group
 */
export function join(group: Group, pid: number): void {
  if (!Number.isSafeInteger(pid) || pid < 0) throw new RangeError(`Cannot join process ${pid}: not a PID`)
  for (const place of group.places) {
    try {
      writeText(`${place.directory}/cgroup.procs`, String(pid))
    } catch (error) {
      throw explained(error, place.version, `Cannot move process ${pid} into cgroup ${group.path}`)
    }
  }
}

/**
 * One thread is in the group, in each of its hierarchies; the others of its process stay where they are.
 *
 * v2: the group is threaded, and the thread's process lives in the same threaded subtree.
 *
 * @param tid as this process sees it; 0 is the calling thread
 * @throws CgroupError ESRCH no such thread
 * @throws CgroupError EOPNOTSUPP v2: the group is not threaded, or the process lives elsewhere
 * @see cgroups(7), "Thread mode"
 */
export function joinThread(group: Group, tid: number): void {
  if (!Number.isSafeInteger(tid) || tid < 0) throw new RangeError(`Cannot join thread ${tid}: not a TID`)
  for (const place of group.places) {
    try {
      writeText(`${place.directory}/${place.version === 1 ? 'tasks' : 'cgroup.threads'}`, String(tid))
    } catch (error) {
      throw explained(error, place.version, `Cannot move thread ${tid} into cgroup ${group.path}`)
    }
  }
}

/**
 * The PIDs in the group, ascending, from all its hierarchies.
 *
 * Processes outside this PID namespace are listed as 0 by the kernel and left out here. A group that does not exist has none.
 *
 * @param recursive groups below it too
 */
export function procs(group: Group, { recursive = false }: { readonly recursive?: boolean } = {}): number[] {
  return ids(group, recursive, () => 'cgroup.procs')
}

/** The thread IDs in the group, ascending; otherwise as {@link procs}. */
export function tasks(group: Group, { recursive = false }: { readonly recursive?: boolean } = {}): number[] {
  return ids(group, recursive, (place) => (place.version === 1 ? 'tasks' : 'cgroup.threads'))
}

function ids(group: Group, recursive: boolean, file: (place: Place) => string): number[] {
  const found = new Set<number>()
  for (const place of group.places) {
    for (const directory of recursive ? subtree(place.directory) : [place.directory]) {
      for (const id of idsIn(directory, file(place))) found.add(id)
    }
  }
  return [...found].sort((a, b) => a - b)
}

/** The IDs in one file; a group that is gone has none. */
export function idsIn(directory: string, file: string): number[] {
  // 0 is a process that this PID namespace cannot name. It must never reach kill(2), where 0 is our own process group.
  return listed(directory, file).filter((id) => id > 0)
}

/** The same with a 0 for each process that this PID namespace cannot name: whether anyone is there. */
export function listed(directory: string, file: string): number[] {
  try {
    return readText(`${directory}/${file}`).split('\n').filter((line) => line !== '').map(Number)
  } catch (error) {
    // ENODEV: removed while open. EOPNOTSUPP: cgroup.procs of a threaded group; its processes are listed by the group above.
    if (error instanceof CgroupError && ['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes(error.code)) return []
    throw error
  }
}

/** The directory and all groups below it, parents first; what vanishes meanwhile is left out. */
export function subtree(directory: string): string[] {
  try {
    // A directory is linked by its parent, by itself, and by each that is in it: kernfs counts them (kernfs_refresh_inode in fs/kernfs/inode.c).
    const found = statSync(directory, { throwIfNoEntry: false })
    if (!found) return []
    if (found.nlink === 2) return [directory]
    const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return [directory, ...children.flatMap((entry) => subtree(`${directory}/${entry.name}`))]
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
