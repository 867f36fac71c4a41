import { parseCgroupMounts, type CgroupMount } from './mountinfo.ts'
import { parseProcCgroup } from './proc-cgroup.ts'

/** What must have been read before the layout is known. */
export interface CgroupFacts {
  /** /proc/self/mountinfo */
  readonly mountinfo: string
  /** /proc/self/cgroup */
  readonly self: string
  /** /proc/cgroups */
  readonly controllers: string
  /** `cgroup.controllers` in the v2 mount, which is found with the other facts; '' or absent: none. */
  readonly unified?: string
}

/** One mounted hierarchy: a tree in which every process is in exactly one group. */
export interface Hierarchy {
  readonly version: 1 | 2
  readonly mountpoint: string
  /** What of the hierarchy is visible at the mountpoint; '/' is all of it. */
  readonly root: string
  /** v1: bound to it; v2: available in the visible root. A named hierarchy has `name=systemd` or the like. */
  readonly controllers: readonly string[]
  /** This process's group below the mountpoint, or null when it is not visible there. */
  readonly own: string | null
  readonly readOnly: boolean
  /** v2, present when so: a cgroup namespace is a border. Nobody inside may change the limits of its root or move processes across. */
  readonly nsdelegate?: true
}

/** The cgroup hierarchies of this machine, as this process sees them. JSON. */
export interface Layout {
  /** `v1`: no v2 mount; `v2`: no v1 controller mounted; `hybrid`: both. */
  readonly mode: 'v1' | 'v2' | 'hybrid'
  readonly hierarchies: readonly Hierarchy[]
  /** This process's group by controller, `unified` for v2; null when not visible. */
  readonly own: Readonly<Record<string, string | null>>
  /** Controllers that the kernel has but that are switched off (`cgroup_disable=`). */
  readonly disabled: readonly string[]
}

/**
 * The hierarchies, their controllers and this process's place in them.
 *
 * In a container the visible root is often not the real one: paths are always relative to the mountpoint.
 *
 * @param facts texts of the files named in {@link CgroupFacts}
 * @throws RangeError no cgroup filesystem is mounted
 * @example
 * detect({ mountinfo: '30 1 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw', self: '0::/a', controllers: '', unified: 'cpu pids' }).mode // 'v2'
 */
export function detect(facts: CgroupFacts): Layout {
  const memberships = parseProcCgroup(facts.self)
  const found = new Map<string, Hierarchy>()
  for (const mount of visibleMounts(parseCgroupMounts(facts.mountinfo))) {
    const bound = mount.options.filter((option) => v1Controllers.has(option) || option.startsWith('name='))
    const key = mount.version === 2 ? 'unified' : [...bound].sort().join()
    if (key === '') continue
    const path = memberships.find((entry) => (mount.version === 2 ? entry.hierarchy === 0 : bound.some((name) => entry.controllers.includes(name))))?.path
    const hierarchy: Hierarchy = {
      version: mount.version,
      mountpoint: mount.mountpoint,
      root: mount.root,
      controllers: mount.version === 2 ? words(facts.unified ?? '') : bound,
      own: path === undefined ? null : below(mount.root, path),
      readOnly: mount.readOnly,
      ...(mount.options.includes('nsdelegate') ? { nsdelegate: true } : {}),
    }
    const known = found.get(key)
    if (!known || preference(hierarchy) > preference(known)) found.set(key, hierarchy)
  }
  const hierarchies = [...found.values()]
  if (hierarchies.length === 0) throw new RangeError('Cannot find a cgroup filesystem: none in mountinfo is of type cgroup or cgroup2')
  const hasV1 = hierarchies.some((each) => each.version === 1)
  const hasV2 = hierarchies.some((each) => each.version === 2)
  return {
    mode: hasV1 ? (hasV2 ? 'hybrid' : 'v1') : 'v2',
    hierarchies,
    own: Object.fromEntries(hierarchies.flatMap((each) => (each.version === 2 ? ['unified'] : each.controllers).map((name) => [name, each.own]))),
    disabled: facts.controllers.split('\n').flatMap((line) => {
      const [name, , , enabled] = line.split('\t')
      return name && !name.startsWith('#') && enabled === '0' ? [name] : []
    }),
  }
}

// include/linux/cgroup_subsys.h; other superblock options (xattr, clone_children, release_agent=) are not controllers.
const v1Controllers: ReadonlySet<string> = new Set([
  'cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'net_cls', 'perf_event', 'net_prio', 'hugetlb', 'pids', 'rdma', 'misc', 'debug',
])

/** A later mount on the same mountpoint hides the earlier one. */
function visibleMounts(mounts: CgroupMount[]): CgroupMount[] {
  return mounts.filter((mount, index) => !mounts.slice(index + 1).some((later) => later.mountpoint === mount.mountpoint))
}

// The same hierarchy may be mounted again, inside some container's root: writable, containing us, whole, then the shortest path.
function preference(hierarchy: Hierarchy): number {
  return (hierarchy.own === null ? 0 : 8e6) + (hierarchy.readOnly ? 0 : 4e6) + (hierarchy.root === '/' ? 2e6 : 0) - hierarchy.mountpoint.length
}

/** `path` relative to the mounted `root`; null when it is elsewhere, or above in a way that names do not tell. */
function below(root: string, path: string): string | null {
  if (root === '/') return path.startsWith('/..') ? null : path
  if (path === root) return '/'
  return path.startsWith(`${root}/`) ? path.slice(root.length) : null
}

/** The controllers in the text of a `cgroup.controllers`. */
export function words(text: string): string[] {
  return text.trim().split(' ').filter((word) => word !== '')
}
