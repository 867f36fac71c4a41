import { sys, type FdRef, type Program } from '@ctr/syscall'
import { openSource } from './bind.ts'
import { cgroupMount, openGroups, type CgroupView } from './cgroup.ts'
import { copyUp } from './copy-up.ts'
import { filesystemByMount } from './filesystem-by-mount.ts'
import { attach, filesystem } from './filesystem.ts'
import { frozen } from './frozen.ts'
import { setAttributes, type MountAttributes } from './mount-attributes.ts'
import { lexical, parseMount, type MountEntry, type ParsedMount } from './oci-mount.ts'
import { longerThan } from './longer-than.ts'
import { remount } from './remount.ts'
import { isBeside, target, type TargetOptions } from './target.ts'
import type { Within } from './within.ts'

export interface OciMountsOptions {
  readonly root: FdRef
  /** In the order in which they are to be made. */
  readonly mounts: readonly MountEntry[]
  /** What an entry of type `cgroup` shows. Default v2, from the root of the cgroup namespace on. */
  readonly cgroups?: CgroupView
  /** The SELinux context of new file systems (`linux.mountLabel`), proc, sysfs and cgroups excepted. */
  readonly mountLabel?: string
  /** Default false. */
  readonly userNamespace?: boolean
}

/** Six programs, in this order. */
export interface OciMounts {
  /**
   * Bind mounts with mapped ids are open, as `sources` has the others. Outside of any user namespace of the container, which may not map
   * the ids of the host's file systems: a part of its own, for whoever may.
   */
  readonly idMapped: Program
  /** Everything of the host that will be mounted is open, while only the host is in view. */
  readonly sources: Program
  /**
   * Bind mounts and new file systems are there, in no place yet, with their attributes, in the order of the entries: since Linux 6.8 the
   * table of mounts has the order in which they were made, and who reads it takes the later of two at one place for the upper one.
   * Before `privatePropagation`: what is to propagate has its peers from the host.
   */
  readonly detached: Program
  /** Those with long options are there, which takes a place for a moment. After `privatePropagation`. */
  readonly byMount: Program
  /** All are in their places in the root, in the order of the entries. */
  readonly attach: Program
  /** Those of type tmpfs that were asked to be read-only are: mount points and devices in them are made before. */
  readonly seal: Program
  /** /proc and /sys, if they are among the entries: open as `proc` and `sys` after `attach`, for `mask` and `readOnlyPaths`, and yours to close. */
  readonly within: Within
}

const name = (i: number) => `mount ${i}`
const kernelPlaces: ReadonlySet<string> = new Set(['/proc', '/sys', '/dev'])

/**
 * The mounts of an OCI config.json.
 *
 * Sources are host paths, or relative to the working directory, which is the bundle for OCI. Destinations are found, and made where
 * they are missing, inside of the root, whatever its links say; for /proc, /sys and /dev there may be no link on the way. A bind mount is
 * private unless its options say otherwise. The working directory is `/` after a `tmpcopyup`.
 *
 * @throws TypeError an entry that cannot be meant: see `parseMountOptions` and `MountEntry`
 * @throws ENOENT a source does not exist; or the place of the mount before it is a link to above both
 * @throws ELOOP a link on the way to a proc, a sysfs or /dev; links in a circle
 * @throws ENOTDIR, EINVAL a directory and a file are to be mounted on each other
 * @throws EROFS a mount point is missing on a read-only file system
 * @see OCI runtime-spec config.md, Mounts
 */
export function ociMounts({ root, mounts, cgroups = {}, mountLabel, userNamespace = false }: OciMountsOptions): OciMounts {
  const entries = mounts.map(parseMount).map((entry) => withContext(entry, mountLabel))
  const kept = new Map<string, number>(entries.flatMap((entry, i) => {
    const path = lexical(entry.destination)
    return (entry.type === 'proc' && path === '/proc') || (entry.type === 'sysfs' && path === '/sys') ? [[path, i] as const] : []
  }))
  // What covers /sys later is what masks must cover.
  for (const [path, i] of kept) if (entries.some((entry, j) => j > i && lexical(entry.destination) === path)) kept.delete(path)
  const descriptors: readonly FdRef[] = entries.map((_, i) => ({ fd: name(i) }))
  for (const [path, i] of kept) (descriptors as FdRef[])[i] = { fd: path.slice(1) }
  const each = (make: (entry: ParsedMount, mount: FdRef, i: number) => Program) => entries.flatMap((entry, i) => make(entry, descriptors[i]!, i))
  /** Whether two that follow each other have their places in one directory, which is looked up once. */
  const beside = entries.map((entry, i) => i > 0 && isPlain(entry) && isPlain(entries[i - 1]!) && isBeside(entries[i - 1]!.destination, entry.destination))
  return {
    idMapped: each((entry, mount) => (entry.what === 'bind' && entry.parsed.idMap ? bound(entry, mount) : [])),
    sources: [
      ...each((entry, mount) => (entry.what === 'bind' && !entry.parsed.idMap ? [sys.open_tree('AT_FDCWD', entry.source!, treeFlags.source, { as: sourceOf(mount).fd, why: 'sources are taken while only the host is in view, so that no mount of the container can redirect them' })] : [])),
      ...(entries.some(({ what }) => what === 'cgroup') ? openGroups(cgroups) : []),
    ],
    detached: each((entry, mount) => (entry.what === 'bind' && !entry.parsed.idMap ? bound(entry, mount) : isMade(entry) && !isLong(entry) ? made(entry, mount, mountLabel) : [])),
    byMount: each((entry, mount) => (isMade(entry) && isLong(entry) ? made(entry, mount, mountLabel) : [])),
    attach: each((entry, mount, i) => {
      if (entry.what === 'remount') return remount({ root, path: entry.destination, ...entry.parsed })
      if (entry.what === 'cgroup') return groups(entry, root, cgroups)
      return [...placed(entry, mount, root, userNamespace, { keepParent: beside[i + 1] ?? false, hasParent: beside[i]! }), ...(entry.what === 'tmpcopyup' || kept.has(`/${mount.fd}`) || sealed(entry) ? [] : [sys.close(mount, 'the mount keeps its place without a descriptor')])]
    }),
    seal: each((entry, mount) => (sealed(entry) ? [
      setAttributes(mount, { set: ['MOUNT_ATTR_RDONLY'] }, 'it was asked to be read-only, and all that is in it exists by now'),
      sys.close(mount, 'the mount keeps its place without a descriptor'),
    ] : [])),
    within: Object.fromEntries([...kept.keys()].map((path) => [path, { fd: path.slice(1) }])),
  }
}

const sealed = ({ what, type, parsed }: ParsedMount): boolean => what === 'filesystem' && type === 'tmpfs' && parsed.flags.includes('MOUNT_ATTR_RDONLY')

function bound({ source, parsed, idMap }: ParsedMount, mount: FdRef): Program {
  const attributes: readonly MountAttributes[] = [
    ...(parsed.idMap ? [{ idMap: idMap!, recursive: parsed.idMap === 'ridmap' }] : []),
    ...(parsed.propagation ? [] : [privately]),
    ...parsed.attributes,
  ]
  const from = sourceOf(mount)
  const recursive = parsed.bind !== 'bind'
  return [
    ...(parsed.idMap ? openSource({ source: source!, recursive, as: mount.fd }) : [
      sys.open_tree(from, '', recursive ? treeFlags.recursive : treeFlags.one, { as: mount.fd, why: 'the descriptor is the host\'s, and what is asked of a mount must not hold there' }),
      sys.close(from, 'the clone needs it no more'),
    ]),
    ...attributes.map((one) => setAttributes(mount, one, 'the attributes must hold before the container can see the mount')),
  ]
}

const privately = frozen({ recursive: true, propagation: 'private' } as const)
const treeFlags = frozen({ source: ['OPEN_TREE_CLOEXEC'], one: ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH'], recursive: ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH', 'AT_RECURSIVE'] } as const)

const sourceOf = ({ fd }: FdRef): FdRef => ({ fd: `source of ${fd}` })

const isMade = ({ what }: ParsedMount): boolean => what === 'filesystem' || what === 'tmpcopyup'

/** fsconfig(2) takes 255 bytes of an option, and an overlay's are paths. */
const isLong = (entry: ParsedMount): boolean => entry.type === 'overlay' || dataOf(entry).some((option) => longerThan(255, option))

function dataOf({ type, parsed, mode, options = [] }: ParsedMount): readonly string[] {
  return [
    ...(type === 'tmpfs' && mode !== undefined && !options.some((option) => option.startsWith('mode=')) ? [`mode=${mode.toString(8)}`] : []),
    ...parsed.data,
  ]
}

function made(entry: ParsedMount, mount: FdRef, label: string | undefined): Program {
  const { type, source, parsed, what } = entry
  const flags = sealed(entry) ? parsed.flags.filter((flag) => flag !== 'MOUNT_ATTR_RDONLY') : parsed.flags
  const data = dataOf(entry)
  const rest = parsed.attributes.flatMap((one): MountAttributes[] => (one.recursive ? [one] : one.propagation ? [{ propagation: one.propagation }] : []))
  return [
    ...(isLong(entry) ? filesystemByMount : filesystem)({ type: type!, source: source ?? type!, data, attributes: what === 'tmpcopyup' ? [] : flags, as: mount.fd }),
    ...(label && type === 'mqueue' ? labelled(mount, label) : []),
    ...(what === 'tmpcopyup' ? [] : rest.map((one) => setAttributes(mount, one, 'the attributes must hold before the container can see the mount'))),
  ]
}

const isContext = (option: string): boolean => option.startsWith('context=')

/** What is in a new file system has the label of the container, unless it was asked to have another. proc and sysfs have labels of their own. */
function withContext(entry: ParsedMount, label: string | undefined): ParsedMount {
  const { what, type, parsed } = entry
  if (!label || (what !== 'filesystem' && what !== 'tmpcopyup') || type === 'proc' || type === 'sysfs' || type === 'mqueue' || parsed.data.some(isContext)) return entry
  return { ...entry, parsed: { ...parsed, data: [`context=${label}`, ...parsed.data] } }
}

/** The namespace has had its message queues mounted before, without a context, and the kernel wants all mounts of one file system to agree. */
function labelled(mount: FdRef, label: string): Program {
  const directory = { fd: 'labelled' }
  return [
    sys.openat(mount, '.', ['O_RDONLY', 'O_CLOEXEC', 'O_DIRECTORY'], 0, { as: directory.fd, why: 'attributes cannot be set through the descriptor of a mount' }),
    sys.fsetxattr(directory, 'security.selinux', label, [], 'the container may find message queues only if it may look at their directory'),
    sys.close(directory, 'descriptors of the root must not stay open'),
  ]
}

const point = { fd: 'target' }
const closePoint = frozen(sys.close(point, 'descriptors of the root must not stay open'))

/** Whether links on the way to it are followed. */
const hasLinks = ({ type, destination }: ParsedMount): boolean => type !== 'proc' && type !== 'sysfs' && !kernelPlaces.has(lexical(destination))

/** Whether nothing else is done between finding its place and mounting it. */
const isPlain = (entry: ParsedMount): boolean => (entry.what === 'bind' || entry.what === 'filesystem') && hasLinks(entry)

function placed(entry: ParsedMount, mount: FdRef, root: FdRef, userNamespace: boolean, parents: Pick<TargetOptions, 'keepParent' | 'hasParent'>): Program {
  const { destination, kind, what, parsed, mode } = entry
  const context = parsed.data.find(isContext)
  const number = (option: string, base: number) => {
    const value = parsed.data.findLast((each) => each.startsWith(`${option}=`))
    return value === undefined ? undefined : parseInt(value.slice(option.length + 1), base)
  }
  const [uid, gid, of = mode] = [number('uid', 10), number('gid', 10), number('mode', 8)]
  return [
    ...target({ root, path: destination, kind: what === 'bind' ? kind ?? 'directory' : 'directory', create: true, as: point.fd, symlinks: hasLinks(entry), ...parents }),
    ...(what === 'tmpcopyup'
      ? copyUp({ tmpfs: mount, target: point, attributes: parsed.flags, userNamespace, ...(context === undefined ? {} : { data: [context] }), ...(of === undefined ? {} : { mode: of }), ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) })
      : attach(mount, point)),
    closePoint,
  ]
}

function groups({ destination, parsed }: ParsedMount, root: FdRef, view: CgroupView): Program {
  const attributes = parsed.flags.filter((flag) => flag !== 'MOUNT_ATTR_RDONLY')
  return cgroupMount({ root, path: destination, readOnly: parsed.flags.includes('MOUNT_ATTR_RDONLY'), attributes, ...view })
}
