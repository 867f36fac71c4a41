import { sys, type FdRef, type Program } from '@ctr/syscall'
import { attach } from './filesystem.ts'
import { setAttributes, type MountAttributes } from './mount-attributes.ts'
import { target, type Kind } from './target.ts'

export interface SourceOptions {
  /** A file or directory in the host's view. */
  readonly source: string
  /**
   * A path below the source, which somebody else may write to: a part of a volume. Its symbolic links are followed as if the source
   * were `/`, so it never leads out (CVE-2021-25741, CVE-2024-1753). Default: the source itself.
   */
  readonly subpath?: string
  /** With the mounts below it. Default false. */
  readonly recursive?: boolean
  readonly as: string
}

/**
 * A file or directory of the host is a mount in no place yet. Take all sources before the first mount below the root: a mount could
 * lead a later source astray (CVE-2021-30465).
 *
 * @throws ENOENT the source does not exist
 * @throws ELOOP the subpath has links in a circle, or one of /proc's magic links
 * @throws EINVAL not recursive, in a user namespace, and mounts of the host are below the source
 * @see open_tree in Documentation/filesystems/mount_api.rst
 */
export function openSource({ source, subpath, recursive = false, as }: SourceOptions): Program {
  const note = { as, why: 'sources are taken while only the host is in view, so that no mount of the container can redirect them' }
  const how = recursive ? ['AT_RECURSIVE'] as const : []
  if (subpath === undefined) return [sys.open_tree('AT_FDCWD', source, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', ...how], note)]
  const [whole, part] = [{ fd: `whole of ${as}` }, { fd: `place of ${as}` }]
  return [
    sys.openat('AT_FDCWD', source, ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], 0, { as: whole.fd, why: 'what is below belongs to others, and is looked up from here' }),
    ...target({ root: whole, path: subpath, kind: 'file', as: part.fd }),
    sys.open_tree(part, '', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH', ...how], note),
    sys.close(part, 'the clone needs it no more'),
    sys.close(whole, 'the clone needs it no more'),
  ]
}

export interface AttachSourceOptions {
  /** What `openSource` named. It is closed. */
  readonly from: FdRef
  readonly root: FdRef
  readonly path: string
  /** Whether the source is a file or a directory. */
  readonly kind: Kind
  readonly create?: boolean
  /** With every mount below the source (Linux has no other way to keep those from being written to). Default false. */
  readonly readOnly?: boolean
  /** What else holds for the mount, in this order: one call each. Default: nosuid and nodev are as on the host, propagation is private. */
  readonly attributes?: readonly MountAttributes[]
}

/**
 * What `openSource` took is mounted at a path of the container, with its attributes already in force.
 *
 * @throws EINVAL the source is not of the `kind`
 * @throws ENOTDIR what is at the path is not of the `kind`
 */
export function attachSource({ from, root, path, kind, create = false, readOnly = false, attributes = [{ recursive: true, propagation: 'private' }] }: AttachSourceOptions): Program {
  return [
    ...(readOnly ? [setAttributes(from, { set: ['MOUNT_ATTR_RDONLY'], recursive: true }, 'it must not be writable for a moment, nor through a mount below it')] : []),
    ...attributes.map((each) => setAttributes(from, each, 'the attributes must hold before the container can see the mount')),
    ...target({ root, path, kind, create, as: 'target' }),
    ...attach(from, { fd: 'target' }),
    sys.close({ fd: 'target' }, 'descriptors of the root must not stay open'),
    sys.close(from, 'the clone keeps its place without a descriptor'),
  ]
}

/** One bind mount, of `openSource` and `attachSource`: for a container with several, take all sources first. */
export function bind({ source, subpath, recursive = false, ...rest }: Omit<SourceOptions, 'as'> & Omit<AttachSourceOptions, 'from'>): Program {
  return [...openSource({ source, recursive, as: 'source', ...(subpath === undefined ? {} : { subpath }) }), ...attachSource({ ...rest, from: { fd: 'source' } })]
}
