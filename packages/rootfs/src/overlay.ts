import { sys, type Program } from '@ctr/syscall'
import { filesystem } from './filesystem.ts'
import { longerThan } from './longer-than.ts'
import { mountRefusal } from './refusal.ts'

export interface OverlayRootOptions {
  /** Directories of the host, the topmost first. */
  readonly lowers: readonly string[]
  /** Where changes go; without it the overlay is read-only and needs two layers or more. */
  readonly upper?: string
  /** An empty directory on the file system of `upper`. */
  readonly work?: string
  /** An existing directory in the host's view that the overlay is mounted on. */
  readonly at: string
  /** Further options: `userxattr` in a user namespace, `volatile`. */
  readonly data?: readonly string[]
  /**
   * Each layer is given by a call of its own, of up to 255 bytes: for more than 4095 bytes of them. Default false.
   *
   * @since Linux 6.7
   */
  readonly oneByOne?: boolean
  readonly as: string
}

/**
 * The root file system is several directories on top of each other, and is open as `as`.
 *
 * @throws EINVAL a layer is on a mount of another namespace, or has locked mounts below it; upper and work are on different mounts
 * @throws ENOENT a layer does not exist
 * @see Documentation/filesystems/overlayfs.rst
 */
export function overlayRoot({ lowers, upper, work, at, data = [], oneByOne = false, as }: OverlayRootOptions): Program {
  if (oneByOne) return layerByLayer({ lowers, at, data, as, ...(upper === undefined ? {} : { upper }), ...(work === undefined ? {} : { work }) })
  return [
    // mount(2) and not fsconfig(2), which takes 255 bytes of lowerdir; adding layers one by one needs Linux 6.7
    sys.mount('overlay', at, 'overlay', ['MS_NODEV'], layers({ lowers, ...(upper === undefined ? {} : { upper }), ...(work === undefined ? {} : { work }), data }), 'the layers of an image are shared, so none of them may be written to'),
    sys.openat('AT_FDCWD', at, ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], 0, { as, why: 'every mount is found from here, by descriptor' }),
  ]
}

/** overlayfs.rst, Multiple lower layers: `lowerdir+` takes one path as it is. */
function layerByLayer({ lowers, upper, work, at, data = [], as }: OverlayRootOptions): Program {
  refuseLayers({ lowers, ...(upper === undefined ? {} : { upper }), ...(work === undefined ? {} : { work }) })
  const paths = [...lowers.map((path) => `lowerdir+=${path}`), ...(upper === undefined ? [] : [`upperdir=${upper}`, `workdir=${work}`])]
  return [
    ...filesystem({ type: 'overlay', source: 'overlay', data: [...paths, ...data], attributes: ['MOUNT_ATTR_NODEV'], as }),
    sys.move_mount({ fd: as }, '', 'AT_FDCWD', at, ['MOVE_MOUNT_F_EMPTY_PATH'], 'pivot_root takes a mount of this namespace only'),
  ]
}

function refuseLayers({ lowers, upper, work }: Pick<OverlayRootOptions, 'lowers' | 'upper' | 'work'>): void {
  if ((upper === undefined) !== (work === undefined)) throw new TypeError('Cannot use only one of upper and work: an overlay that is written to needs both')
  if (lowers.length < (upper === undefined ? 2 : 1)) throw mountRefusal('make an overlay of so few layers', lowers)
  // Linux has OVL_MAX_STACK 500 (fs/overlayfs/params.h)
  if (lowers.length > 500) throw mountRefusal('stack more than 500 layers', lowers.length)
}

/** The mount options of an overlay, with every path escaped. */
export function layers({ lowers, upper, work, data = [] }: Pick<OverlayRootOptions, 'lowers' | 'upper' | 'work' | 'data'>): string {
  refuseLayers({ lowers, ...(upper === undefined ? {} : { upper }), ...(work === undefined ? {} : { work }) })
  const options = [`lowerdir=${lowers.map(escapeLayer).join(':')}`, ...(upper === undefined ? [] : [`upperdir=${escapePath(upper)}`, `workdir=${escapePath(work!)}`]), ...data].join(',')
  // mount(2) copies one page, and the last byte of it is the end (copy_mount_options in fs/namespace.c)
  if (longerThan(4095, options)) throw mountRefusal('pass more than 4095 bytes of layers to an overlay; use shorter, relative paths', options)
  return options
}

/** A path as one of lowerdir's: colons separate layers there, commas options (ovl_next_opt and ovl_split_lowerdirs in fs/overlayfs). */
export function escapeLayer(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&')
}

/** A path as upperdir's or workdir's, where a colon is a colon. */
export function escapePath(path: string): string {
  return path.replace(/[\\,]/g, '\\$&')
}
