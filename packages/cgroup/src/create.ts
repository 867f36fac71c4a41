import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { CgroupError } from './cgroup-error.ts'
import { inheritCpuset } from './cpuset.ts'
import { explained } from './explain-refusal.ts'
import { isRoot, pathOf, type Controller, type Group, type Place } from './group.ts'
import { limitWrites, type Limits } from './limits.ts'
import { checkPlaces, perform } from './set-limits.ts'
import { enableControllers, threadedControllers } from './subtree-control.ts'
import { writeText } from './interface-file.ts'

/** How a group is made. */
export interface CreateOptions {
  readonly limits?: Limits
  /** v2: what to enable beyond what the limits need; it is no error when that is refused. Default cpu, memory, pids. */
  readonly enable?: readonly Controller[]
  /** Directories that already exist are taken as they are. Default false: EEXIST. */
  readonly adopt?: boolean
  /**
   * v2: the group is for threads of processes that live in its parent, see `joinThread`; it can have cpu, cpuset and pids only. v1 groups are
   * for threads anyway. Default false.
   */
  readonly threaded?: boolean
}

/**
 * The group exists in each of its hierarchies, with its limits, and is empty.
 *
 * All or nothing: what a failing call made is removed again. Missing ancestors are made too. Nothing but mkdir and the limits in the
 * usual case: ancestors are looked at only after ENOENT, `subtree_control` only when a controller is missing.
 *
 * @throws TypeError, RangeError before anything is made, see `limitWrites`
 * @throws CgroupError EEXIST the group exists in some hierarchy, perhaps left over
 * @throws CgroupError EBUSY v2: an ancestor has member processes, so it cannot give its children controllers
 * @example
 * const jobs = create(group(cgroups(), '/ctr-test-jobs'), { limits: { memoryBytes: 64 * 2 ** 20, pidsMax: 32 } })
 * await deleteGroup(jobs)
 */
export function create(group: Group, { limits = {}, enable = ['cpu', 'memory', 'pids'], adopt = false, threaded = false }: CreateOptions = {}): Group {
  if (isRoot(group)) throw new RangeError('Cannot create cgroup "/": it is the root')
  const writes = limitWrites(group.layout, limits)
  checkPlaces(group, writes)
  const made: string[] = []
  try {
    for (const place of group.places) {
      const fresh = makeDirectory(place, adopt)
      made.push(...fresh)
      if (place.version === 2) {
        // Before any controller: only then may its parent, which has processes, give it some.
        if (threaded) makeThreaded(place, group.path)
        const needed = writes.map((write) => write.controller).filter((name) => place.controllers.includes(name))
        enableControllers(place, needed, enable.filter((name) => place.controllers.includes(name) && (!threaded || threadedControllers.has(name))))
      } else if (place.controllers.includes('cpuset')) {
        // Also an adopted group: another process may have made it a moment ago and not filled it yet.
        for (const directory of fresh.length > 0 ? fresh : [place.directory]) inheritCpuset(place, directory)
      }
    }
    perform(group, writes)
  } catch (error) {
    for (const directory of made.reverse()) {
      try {
        rmdirSync(directory)
      } catch {
        // Someone else's child is in it now: theirs to remove.
      }
    }
    throw error
  }
  return group
}

function makeThreaded(place: Place, path: string): void {
  try {
    writeText(`${place.directory}/cgroup.type`, 'threaded')
  } catch (error) {
    throw explained(error, 2, `Cannot make cgroup ${path} threaded`)
  }
}

// recursive: in the usual case it is the one mkdir(2), and a missing ancestor, also one that another process removes between
// our two calls, costs no JavaScript exception (measured: 20 µs each, a third of the whole creation).
// The mode is said because a group that others may write to is theirs to fill and to divide, whatever the umask of the caller.
function makeDirectory(place: Place, adopt: boolean): string[] {
  let first: string | undefined
  try {
    first = mkdirSync(place.directory, { recursive: true, mode: 0o755 })
  } catch (error) {
    throw refusedMkdir(asTheKernelSays(error as NodeJS.ErrnoException, place.directory), place)
  }
  if (first === undefined) {
    if (!adopt) throw refusedMkdir({ code: 'EEXIST', errno: -17 }, place)
    return []
  }
  const made: string[] = []
  for (let directory = place.directory; directory.length >= first.length; directory = dirname(directory)) made.unshift(directory)
  // The hierarchy was unmounted after the layout was read: these are plain directories.
  if (first.length > place.mountpoint.length) return made
  for (const directory of made.reverse()) rmdirSync(directory)
  throw refusedMkdir({ code: 'ENOENT', errno: -2 }, place)
}

/** With `recursive`, Node says ENOENT for whatever it has no case for, such as a read-only hierarchy, which containers usually have (MKDirpSync in src/node_file.cc). */
function asTheKernelSays(error: NodeJS.ErrnoException, directory: string): NodeJS.ErrnoException {
  if (error.code !== 'ENOENT') return error
  let missing = directory
  while (dirname(missing) !== missing && !existsSync(dirname(missing))) missing = dirname(missing)
  try {
    mkdirSync(missing)
    rmdirSync(missing)
    return error
  } catch (refused) {
    return refused as NodeJS.ErrnoException
  }
}

function refusedMkdir({ code = 'EIO', errno }: { readonly code?: string | undefined; readonly errno?: number | undefined }, place: Place): unknown {
  const hint = mkdirHints[code]
  const error = new CgroupError({ code, syscall: 'mkdir', path: place.directory, ...(errno === undefined ? {} : { errno }), ...(hint ? { hint } : {}) })
  return explained(error, place.version, `Cannot create cgroup ${pathOf(place)}`)
}

const mkdirHints: Readonly<Record<string, string>> = {
  ENOENT: 'the hierarchy is not mounted any more: read the layout again',
  EEXIST: 'the group exists, perhaps left over: delete it first, or adopt it',
  EAGAIN: 'an ancestor has reached its cgroup.max.descendants or cgroup.max.depth',
  ENOSPC: 'the kernel has no more cgroup ids (65,535 per v1 memory hierarchy): removed groups that still hold page cache count',
}
