import { posix } from 'node:path'
import type { Mount } from '@ctr/procfs'
import { directoryRoot, filesystem, ociMounts, privatePropagation, target } from '@ctr/rootfs'
import { sys, type FdRef, type Program } from '@ctr/syscall'
import type { PathKind } from '../../facts.ts'
import { destinationOf, isBind } from '../config/check-mounts.ts'
import type { OciConfig, OciMount } from '../config/config-shape.ts'

/**
 * What CRIU does not write down, because it is the host's: on the way out it is told which mounts these are, and what they are called; on the way
 * back, what each name stands for. Names are runc's: the place of the mount, and /dev/null for what masks a file.
 *
 * @see criu(8), --external mnt[KEY]:VAL
 */

/** Where a mount of the configuration is, once symbolic links of the image were followed. */
export type PlaceOf = (destination: string) => string

/** What covers a file. */
const nothing = '/dev/null'

interface Placed {
  readonly mount: OciMount
  readonly place: string
}

/** Those of the configuration, where they are. */
const placed = ({ mounts = [] }: OciConfig, placeOf: PlaceOf): Placed[] =>
  mounts.filter(({ options = [] }) => !options.includes('remount')).map((mount) => ({ mount, place: placeOf(destinationOf(mount)) }))

const isAtOrBelow = (path: string, directory: string): boolean => path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)

/** File systems that CRIU makes anew for the groups of the container, where it has a namespace of them. */
const ofGroups = new Set(['cgroup', 'cgroup2'])

/** Whether the container has a namespace of groups. */
export const hasGroups = ({ linux = {} }: OciConfig): boolean => linux.namespaces?.some(({ type }) => type === 'cgroup') ?? false

/**
 * The mounts of a container that are the host's, as `external` of a dump.
 *
 * @param mounts of its first process
 */
export function externalInDump(config: OciConfig, mounts: readonly Mount[], placeOf: PlaceOf): string[] {
  const asked = placed(config, placeOf)
  const masked = new Set(config.linux?.maskedPaths ?? [])
  const groups = hasGroups(config)
  return mounts.filter((mount) => mount.mountPoint !== '/' && !(groups && ofGroups.has(mount.fsType)) && (isBindsOwn(mount, asked) || !isPartOfOther(mount, mounts))).map(({ mountPoint }) => externalMount(mountPoint, masked.has(mountPoint) ? nothing : mountPoint))
}

/** It came with a bind mount of the configuration: is one, or was below its source. */
function isBindsOwn({ mountPoint }: Mount, asked: readonly Placed[]): boolean {
  const above = nearest(asked.filter(({ place }) => isAtOrBelow(mountPoint, place)))
  return above !== undefined && isBind(above.mount)
}

/** Of mounts on one way the last of the longest: it is the one that is seen. */
const nearest = (above: readonly Placed[]): Placed | undefined => above.reduce<Placed | undefined>((best, each) => (best === undefined || each.place.length >= best.place.length ? each : best), undefined)

/** The whole of its file system is in the container, itself or elsewhere: CRIU makes it again. */
const isPartOfOther = (mount: Mount, mounts: readonly Mount[]): boolean => mounts.some((other) => other.major === mount.major && other.minor === mount.minor && (other.root === '/' || other.mountPoint === '/'))

const externalMount = (key: string, value: string): string => `mnt[${key}]:${value}`

/** What is shown to CRIU in place of the host's files. */
export interface MountSources {
  /** Calls in a new mount namespace, after which all are in their places. */
  readonly program: Program
  /** What the names of a dump stand for, as `external` of a restore. That there are more of them than are needed does not matter. */
  readonly external: readonly string[]
}

/**
 * The host's files as the container is to see them, each mounted in a place of its own with the attributes that the configuration asks for. CRIU makes
 * a bind mount of each, which has the attributes of its source. Those that it has written down it does not set where it takes the mount for a copy of
 * another one of the same file system and the same attributes, although it binds what it was given (CRIU 3.17, criu/mount-v2.c).
 *
 * And the root file system is a mount, as CRIU needs it, with places for the mounts of the configuration.
 *
 * @param config sources of bind mounts are absolute
 * @param at a directory that is covered by the places, in that mount namespace only
 * @param kinds what the source of each bind mount is
 * @param group the directory of the container's group, where it has no namespace of them
 * @param below the paths of the host's mounts: those below a source come with it
 */
export function mountSources(config: OciConfig, { rootfs, at, kinds, placeOf, group, below }: {
  readonly rootfs: string; readonly at: string; readonly kinds: Readonly<Record<string, PathKind>>; readonly placeOf: PlaceOf; readonly group?: string | undefined; readonly below: readonly string[]
}): MountSources {
  const asked = placed(config, placeOf)
  const binds: Source[] = [
    ...asked.filter(({ mount }) => isBind(mount)).map(({ mount, place }) => ({ name: place, source: mount.source ?? '', options: mount.options ?? [], kind: kinds[mount.source ?? ''] ?? 'directory' })),
    ...(group === undefined ? [] : asked.filter(({ mount }) => ofGroups.has(mount.type ?? '')).map(({ mount, place }): Source => ({ name: place, source: group, options: ['bind', ...(mount.options ?? [])], kind: 'directory' }))),
    { name: nothing, source: nothing, options: ['bind', 'ro', 'nosuid', 'noexec'], kind: 'file' },
  ]
  const mounts = ociMounts({ root: places, mounts: binds.map(({ source, options, kind }, i) => ({ destination: `/${i}`, type: 'bind', source, options, kind })) })
  const points = asked.filter(({ mount, place }) => !ofGroups.has(mount.type ?? '') && place !== '/').map(({ mount, place }) => ({
    path: place, kind: isBind(mount) ? kinds[mount.source ?? ''] ?? 'directory' : 'directory' as const, above: nearest(asked.filter((other) => other.place !== place && isAtOrBelow(place, other.place))),
  }))
  return {
    program: [
      ...mounts.sources, ...mounts.detached, ...privatePropagation(),
      ...directoryRoot({ source: rootfs, at: rootfs, attributes: [], recursive: true, as: root.fd }),
      ...points.flatMap(({ above, ...point }) => (above === undefined ? mountPoint(root, point) : [])),
      sys.close(root, 'it is found by its path'),
      ...filesystem({ type: 'tmpfs', source: 'sources', data: ['mode=700'], attributes: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'], as: places.fd }),
      sys.move_mount(places, '', 'AT_FDCWD', at, ['MOVE_MOUNT_F_EMPTY_PATH'], 'a mount is taken from where it can be found'),
      ...mounts.attach,
      ...points.flatMap(({ above, ...point }) => (above === undefined || !isBind(above.mount) ? [] : mountPoint(places, { ...point, path: posix.join(`/${binds.findIndex(({ name }) => name === above.place)}`, point.path.slice(above.place.length)) }))),
      sys.close(places, 'they are found by their paths'),
    ],
    external: binds.flatMap(({ name, source, options }, i) => ['', ...(options.includes('bind') ? [] : partsBelow(source, below))].map((rest) => externalMount(posix.join(name, rest), posix.join(at, String(i), rest)))),
  }
}

/** What is mounted there has a place, as `create` makes it; in other file systems of the container CRIU finds what they had. */
const mountPoint = (of: FdRef, { path, kind }: { readonly path: string; readonly kind: PathKind }): Program => [...target({ root: of, path, kind, create: true, as: 'place' }), sys.close({ fd: 'place' }, 'it is found by its path')]

interface Source {
  readonly name: string
  readonly source: string
  readonly options: readonly string[]
  readonly kind: PathKind
}

const [root, places] = [{ fd: 'root' }, { fd: 'places' }]

/** Where others are mounted below a directory, from there. */
const partsBelow = (source: string, mountPoints: readonly string[]): string[] => [...new Set(mountPoints.filter((each) => each !== source && isAtOrBelow(each, source)).map((each) => each.slice(source === '/' ? 0 : source.length)))]
