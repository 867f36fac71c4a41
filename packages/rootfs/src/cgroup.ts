import { sys, type Constant, type FdRef, type Program } from '@ctr/syscall'
import { attach, filesystem } from './filesystem.ts'
import { setAttributes } from './mount-attributes.ts'
import { relative, type Within } from './within.ts'
import { target } from './target.ts'

/**
 * What is shown of one hierarchy: the mount options of cgroup v1, which name its controllers (`['cpu', 'cpuacct']`, `['none', 'name=systemd']`);
 * cgroup v2; or a directory of the host, where there is no cgroup namespace.
 */
export type Hierarchy = readonly string[] | 'cgroup2' | { readonly group: string }

export interface CgroupView {
  /** By the name in /sys/fs/cgroup, a fact: `{ 'cpu,cpuacct': ['cpu', 'cpuacct'], unified: 'cgroup2' }`. Without it, v2 is all there is. */
  readonly hierarchies?: Readonly<Record<string, Hierarchy>>
  /** The container's own group of v2 on the host, where there is no cgroup namespace. */
  readonly group?: string
}

export interface CgroupMountOptions extends CgroupView {
  readonly root: FdRef
  /** Where it is to be. Default /sys/fs/cgroup. */
  readonly path?: string
  /** Default true. In a cgroup namespace of its own a container may manage what is below its group. */
  readonly readOnly?: boolean
  /** Default: no setuid programs, no devices, nothing to execute. */
  readonly attributes?: readonly Constant<'mount_attr'>[]
  readonly within?: Within
}

const flags = ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'] as const
const groupName = (name: string) => (name === '' ? 'group' : `group ${name}`)

/**
 * The container's own groups are open for `cgroupMount`, in no place yet: where there is no cgroup namespace, a new mount of the
 * hierarchy would show the groups of the whole host (CVE-2023-25809).
 *
 * @throws ENOENT a group does not exist
 */
export function openGroups({ hierarchies = {}, group }: CgroupView): Program {
  const groups = [...(group === undefined ? [] : [['', group] as const]), ...Object.entries(hierarchies).flatMap(([name, from]) => (typeof from === 'object' && 'group' in from ? [[name, from.group] as const] : []))]
  return groups.map(([name, path]) => sys.open_tree('AT_FDCWD', path, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: groupName(name), why: 'without a cgroup namespace a new mount would show the groups of the whole host' }))
}

/**
 * /sys/fs/cgroup shows the control groups: from the root of the cgroup namespace on, or those that `openGroups` took.
 *
 * For a cgroup namespace of its own, unless every group is bound: in the initial one a new mount of cgroup v2 sets the options of the
 * host's hierarchy anew, and takes its `nsdelegate` away (seen on Linux 6.1).
 *
 * Of cgroup v1, each hierarchy is a directory, with a link for each of several controllers that share one (`cpu` → `cpu,cpuacct`).
 *
 * @throws EPERM in a cgroup namespace: a hierarchy of v1 that the host does not have (fsconfig)
 * @see cgroup_namespaces(7)
 */
export function cgroupMount({ root, path = '/sys/fs/cgroup', readOnly = true, attributes: own = flags, hierarchies, group, within = {} }: CgroupMountOptions): Program {
  const attributes = readOnly ? ['MOUNT_ATTR_RDONLY' as const, ...own] : own
  const onto = (mount: FdRef): Program => {
    const kept = relative(path, within)
    return kept
      ? [sys.move_mount(mount, '', kept.base, kept.rest, ['MOVE_MOUNT_F_EMPTY_PATH'], 'programs read their limits there')]
      : [...target({ root, path, kind: 'directory', create: true, as: 'target' }), ...attach(mount, { fd: 'target' }), sys.close({ fd: 'target' }, 'descriptors of the root must not stay open')]
  }
  const close = (mount: FdRef) => sys.close(mount, 'the mount keeps its place without a descriptor')
  const taken = (name: string): readonly [FdRef, Program] => {
    const mount = { fd: groupName(name) }
    return [mount, [setAttributes(mount, { set: attributes, propagation: 'private' }, 'the attributes must hold before the container can see the mount')]]
  }
  if (!hierarchies) {
    const mount = { fd: 'cgroup' }
    const [from, made] = group === undefined ? [mount, filesystem({ type: 'cgroup2', source: 'cgroup', attributes, as: mount.fd })] as const : taken('')
    return [...made, ...onto(from), close(from)]
  }
  const directory = { fd: 'cgroups' }
  return [
    ...filesystem({ type: 'tmpfs', source: 'cgroup', data: ['mode=755'], attributes: own, as: directory.fd }),
    ...onto(directory),
    ...Object.entries(hierarchies).flatMap(([name, from]): Program => {
      const mount = { fd: 'cgroup' }
      const [hierarchy, made] = typeof from === 'object' && 'group' in from ? taken(name)
        : [mount, filesystem({ ...(from === 'cgroup2' ? { type: 'cgroup2' } : { type: 'cgroup', data: from }), source: 'cgroup', attributes, as: mount.fd })] as const
      return [
        sys.mkdirat(directory, name, 0o755, 'each hierarchy of cgroup v1 is a file system'),
        ...made,
        sys.move_mount(hierarchy, '', directory, name, ['MOVE_MOUNT_F_EMPTY_PATH'], 'programs find a controller by this name'),
        close(hierarchy),
      ]
    }),
    ...links(Object.keys(hierarchies)).map(([to, name]) => sys.symlinkat(to, directory, name, 'programs look for each controller by its own name')),
    sys.mount_setattr(directory, '', ['AT_EMPTY_PATH'], { attr_set: ['MOUNT_ATTR_RDONLY'] }, 'the list of hierarchies is not the container\'s to change'),
    close(directory),
  ]
}

function links(names: readonly string[]): [to: string, name: string][] {
  return names.flatMap((name) => (name.includes(',') ? name.split(',').filter((each) => !names.includes(each)).map((each): [string, string] => [name, each]) : []))
}
