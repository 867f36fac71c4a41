import { sys, type Program } from '@ctr/syscall'
import { placeOf, type Group } from './group.ts'

/** How the calling process comes into the group. */
export interface JoinOptions {
  /** clone3 put it into the v2 directory ({@link cloneInto}) already; v1 hierarchies have no such flag. Default false. */
  readonly clonedInto?: boolean
}

/**
 * The calls by which the calling process, single-threaded, joins the group.
 *
 * v1: `0` to `tasks`, not to `cgroup.procs`. Both mean the caller, but `cgroup.procs` takes the global `cgroup_threadgroup_rwsem` for
 * writing, which waits for an RCU grace period and holds up every fork and exit on the machine; for `0` in `tasks` the kernel skips it
 * (cgroup_procs_write_start: `*threadgroup_locked = pid || threadgroup`, "if the thread is `current`, it won't exit(2) under our hands").
 * Measured, one hierarchy, 150 ms between writes: 0.1 ms against 5.8 ms. v2 has no such way into another domain (`cgroup.threads` gives EOPNOTSUPP), so there
 * {@link cloneInto} is the cheap way, and `cgroup.procs` the general one.
 *
 * @param group must exist when the calls are made
 * @returns calls that need the directories in view: before pivot_root
 */
export function joinCalls(group: Group, { clonedInto = false }: JoinOptions = {}): Program {
  return group.places
    .filter((place) => place.version === 1 || !clonedInto)
    .flatMap((place, index) => {
      const file = place.version === 1 ? 'tasks' : 'cgroup.procs'
      const name = place.controllers.join() || 'unified'
      const as = `cgroup${index}`
      return [
        sys.openat('AT_FDCWD', `${place.directory}/${file}`, ['O_WRONLY', 'O_CLOEXEC'], 0, { as, why: `membership of ${name} is a file of the group` }),
        sys.write({ fd: as }, '0', place.version === 1 ? '0 is the caller: the only form that skips the global thread-group lock' : '0 is the caller; what it starts is born in the group'),
        sys.close({ fd: as }, 'a descriptor of the host must not reach the payload'),
      ]
    })
}

/**
 * The directory whose descriptor `clone3(CLONE_INTO_CGROUP)` takes, or undefined when there is no v2 hierarchy.
 *
 * Never a frozen group: clone3 succeeds and the child does not run.
 *
 * @since Linux 5.7
 */
export function cloneInto(group: Group): string | undefined {
  return placeOf(group, 'unified')?.directory
}
