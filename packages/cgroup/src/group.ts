import type { Hierarchy, Layout } from './layout.ts'

/** The directory that a group has, or would have, in one hierarchy. */
export interface Place {
  readonly version: 1 | 2
  readonly controllers: readonly string[]
  readonly mountpoint: string
  readonly directory: string
}

/** A group by name. Data: it can be kept in a state file, and making it touches nothing. */
export interface Group {
  readonly layout: Layout
  /** Absolute, below every mountpoint: '/ctrun/abc'. */
  readonly path: string
  /** One per hierarchy in which the group lives, in mount order. */
  readonly places: readonly Place[]
}

/** Which hierarchies a group lives in. */
export interface GroupOptions {
  /**
   * v1: only hierarchies with one of these controllers (and the v2 one). v2: the controllers to enable; there is only one directory.
   * A hierarchy less is about 0.1 ms less to create, join and delete (measured, see README).
   */
  readonly controllers?: readonly Controller[]
  /**
   * v1: also hierarchies with none of {@link supported}: those that only have a name, as `name=systemd`, and perf_event. They limit nothing, but
   * others look for processes there. One that is mounted read-only is left out. Default false.
   */
  readonly uncontrolled?: boolean
}

/** Controllers that this package creates groups for. */
export type Controller = 'cpu' | 'cpuacct' | 'cpuset' | 'memory' | 'pids' | 'freezer' | 'blkio' | 'io' | 'devices' | 'hugetlb' | 'rdma' | 'misc' | 'net_cls' | 'net_prio'

/** v2 has no freezer, devices or cpuacct controller: these are part of every group there. */
export const supported: readonly Controller[] = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'freezer', 'blkio', 'io', 'devices', 'hugetlb', 'rdma', 'misc', 'net_cls', 'net_prio']

/**
 * The group at `path`, whether or not it exists; nothing is read.
 *
 * @param layout from `cgroups()` or `detect()`
 * @param path absolute, as seen below the mountpoints; no `.`, `..` or empty components
 * @throws RangeError the path is not such a path, or a controller is not one of {@link Controller}
 * @example
 * group(cgroups(), '/ctrun/abc').places[0]!.directory // e.g. '/sys/fs/cgroup/cpu/ctrun/abc'
 */
export function group(layout: Layout, path: string, { controllers, uncontrolled = false }: GroupOptions = {}): Group {
  checkPath(path)
  for (const name of controllers ?? []) {
    if (!supported.includes(name)) throw new RangeError(`Cannot use controller ${JSON.stringify(name)}: not one of ${supported.join(', ')}`)
  }
  return { layout, path, places: layout.hierarchies.flatMap((hierarchy) => place(hierarchy, path, controllers ?? supported, uncontrolled)) }
}

/** The group `name` below `parent`, in the same hierarchies. */
export function child(parent: Group, name: string): Group {
  const path = parent.path === '/' ? `/${name}` : `${parent.path}/${name}`
  checkPath(path)
  return { ...parent, path, places: parent.places.map((each) => ({ ...each, directory: `${pathOf(each) === '/' ? each.mountpoint : each.directory}/${name}` })) }
}

/** The group's path below the mountpoint of this place: the group's own, but for one that is relative to a process's, see `ownGroup`. */
export function pathOf({ directory, mountpoint }: Place): string {
  return directory.slice(mountpoint.length) || '/'
}

/** Whether the group is the root of any of its hierarchies, which nobody can make or remove. */
export function isRoot({ path, places }: Group): boolean {
  return path === '/' || places.some((each) => pathOf(each) === '/')
}

/** The place that has `controller`; for v2-only files ('unified') the v2 place. */
export function placeOf(group: Group, controller: string): Place | undefined {
  return group.places.find((each) => (controller === 'unified' ? each.version === 2 : each.controllers.includes(controller)))
}

function place(hierarchy: Hierarchy, path: string, wanted: readonly string[], uncontrolled: boolean): Place[] {
  const limitsNothing = hierarchy.controllers.every((name) => !(supported as readonly string[]).includes(name))
  const controllers = hierarchy.version === 1 && limitsNothing && uncontrolled && !hierarchy.readOnly ? hierarchy.controllers : hierarchy.controllers.filter((name) => wanted.includes(name))
  // The v2 hierarchy counts even without controllers: it has cgroup.kill, cgroup.events and CLONE_INTO_CGROUP.
  if (hierarchy.version === 1 && controllers.length === 0) return []
  const mountpoint = hierarchy.mountpoint === '/' ? '' : hierarchy.mountpoint
  return [{ version: hierarchy.version, controllers, mountpoint, directory: path === '/' ? hierarchy.mountpoint : `${mountpoint}${path}` }]
}

function checkPath(path: string): void {
  const bad =
    typeof path !== 'string' || !path.startsWith('/')
      ? 'it must start with /'
      : path !== '/' && path.slice(1).split('/').some((part) => part === '' || part === '.' || part === '..')
        ? 'no component may be empty, . or ..'
        : // cgroup_mkdir refuses a newline: it would make /proc/PID/cgroup ambiguous.
          /[\n\0]/.test(path)
          ? 'it must not contain a newline or NUL'
          : path.split('/').some((part) => part.length > 255)
            ? 'a component is longer than 255 bytes'
            : undefined
  if (bad) throw new RangeError(`Cannot use cgroup path ${JSON.stringify(path)}: ${bad}`)
}
