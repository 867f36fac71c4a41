import { rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { CgroupError } from './cgroup-error.ts'
import { until } from './deadline.ts'
import { isRoot, type Group, type Place } from './group.ts'
import { idsIn, subtree } from './members.ts'

/** How a group is removed. */
export interface DeleteOptions {
  /** How long to wait for processes that are still exiting. Default 2000 ms. */
  readonly timeoutMillis?: number
  /** Ancestors that are empty afterwards go too: for a parent that is ours, such as /ctrun. Default false. */
  readonly parents?: boolean
}

/**
 * The group and all groups below it are gone from every hierarchy.
 *
 * Usually one rmdir per hierarchy, all before the first turn of the event loop. The kernel refuses (EBUSY) until the last exit is
 * complete, so only then it waits. Gone already is fine. Processes are not killed: `kill` first.
 *
 * @throws CgroupError EBUSY directories are left at the deadline; the hint lists each with its processes
 */
export async function deleteGroup(group: Group, { timeoutMillis = 2000, parents = false }: DeleteOptions = {}): Promise<void> {
  let left = deleteNow(group, { parents })
  if (left.length === 0) return
  await until(() => (left = deleteNow(group, { parents })).length === 0, timeoutMillis)
  if (left.length === 0) return
  const why = left.flatMap(subtree).flatMap((directory) => {
    const pids = idsIn(directory, 'cgroup.procs')
    return pids.length > 0 ? [`${directory}: processes ${pids.join(', ')}`] : []
  })
  throw new CgroupError({
    code: 'EBUSY',
    syscall: 'rmdir',
    path: left[0]!,
    action: `Cannot delete cgroup ${group.path}`,
    hint: `after ${timeoutMillis} ms left: ${(why.length > 0 ? why : left).join('; ')}`,
  })
}

/**
 * One attempt, without waiting: for exit handlers.
 *
 * @returns the directories that are still there; empty when all are gone
 * @throws CgroupError any refusal but EBUSY, after everything else was tried
 */
export function deleteNow(group: Group, { parents = false }: { readonly parents?: boolean } = {}): string[] {
  if (isRoot(group)) throw new RangeError('Cannot delete cgroup "/": it is the root')
  const left: string[] = []
  let refused: CgroupError | undefined
  // Deepest hierarchy setups last made, first removed: the v2 group, which says whether anyone lives, goes last.
  for (const place of [...group.places].sort((a, b) => a.version - b.version)) {
    try {
      if (!removeTree(place.directory)) left.push(place.directory)
      else if (parents) removeParents(place)
    } catch (error) {
      if (!(error instanceof CgroupError)) throw error
      refused = error
    }
  }
  if (refused) throw refused
  return left
}

function removeTree(directory: string): boolean {
  if (rmdir(directory)) return true
  const below = subtree(directory).slice(1).reverse()
  if (below.length === 0) return false
  for (const child of below) rmdir(child)
  return rmdir(directory)
}

// No look before the leap: rmdir refuses what is in use, and what another process removed or filled meanwhile is not our business.
function removeParents(place: Place): void {
  for (let directory = dirname(place.directory); directory !== place.mountpoint && directory.startsWith(`${place.mountpoint}/`); directory = dirname(directory)) {
    if (!rmdir(directory)) return
  }
}

/** False while it is in use; gone counts as removed. */
function rmdir(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    const { code = 'EIO', errno } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENODEV') return true
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false
    throw new CgroupError({ code, syscall: 'rmdir', path, ...(errno === undefined ? {} : { errno }) })
  }
}
