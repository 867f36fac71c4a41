import { sys, type FdRef, type Program } from '@ctr/syscall'
import { attach, filesystem } from './filesystem.ts'
import { setAttributes } from './mount-attributes.ts'
import { lexical } from './oci-mount.ts'
import { target, type Kind } from './target.ts'
import { relative, type Within } from './within.ts'

/** A path and what is there. Whether it is there at all is a fact to be looked up: for what is in a proc or sysfs that the container has, the kernel is the same outside. */
export interface MaskedPath {
  readonly path: string
  readonly kind: Kind
}

/** What leaks about the machine or its other users: Docker's list (moby oci/defaults.go), with what later advisories added. */
export const defaultMaskedPaths: readonly string[] = [
  '/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/sched_debug', '/proc/scsi', '/proc/timer_list', '/proc/timer_stats',
  '/sys/firmware', '/sys/devices/virtual/powercap',
]

/**
 * The counters of each processor that tell how hot it has been, and with it what others compute (moby GHSA-6fw5-f8r9-fgfm). They are
 * there on some machines only, so whether they are is a fact, as for all masked paths.
 *
 * @param cpus the processors of the machine: those that are possible, not only those in use
 */
export function thermalThrottlePaths(cpus: readonly number[]): string[] {
  return cpus.map((cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`)
}

/** The host's /dev/null is open as `as`, for `mask`: before anything of the image is in view (CVE-2025-31133). */
export function openNull(as = 'null'): Program {
  return [sys.openat('AT_FDCWD', '/dev/null', ['O_NOFOLLOW', 'O_CLOEXEC', 'O_PATH'], 0, { as, why: 'the container\'s own /dev/null could be a link to anything' })]
}

export interface MaskOptions {
  readonly root: FdRef
  readonly paths: readonly MaskedPath[]
  /** What `openNull` opened. It is closed. */
  readonly nullSource: FdRef
  readonly within?: Within
  /** The SELinux context of the empty file system. */
  readonly mountLabel?: string
}

/**
 * Files read as empty, and directories are empty. A file is covered by the host's /dev/null, read-only, so that its mode and owner
 * cannot be changed through the mask; a directory by an empty file system, one for all of them, which hides the paths below it as well.
 *
 * @throws ENOENT a path does not exist
 */
export function mask({ root, paths, nullSource, within = {}, mountLabel }: MaskOptions): Program {
  const left = paths.filter(({ path }) => !paths.some((other) => other.kind === 'directory' && isBelow(path, other.path)))
  const files = left.filter(({ kind }) => kind === 'file')
  const directories = left.filter(({ kind }) => kind === 'directory')
  const coverAll = (covered: readonly MaskedPath[], first: Program, firstName: string): Program => {
    if (covered.length === 0) return []
    const clone = sys.open_tree({ fd: firstName }, '', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH'], { as: 'mask', why: 'a mount has one place, so each masked path needs its own' })
    return [
      ...first,
      // The first one is in its place, so it belongs to this namespace and can be cloned, flags and all.
      ...covered.flatMap((path, i) => i === 0
        ? cover({ fd: firstName }, path, root, within)
        : [clone, ...cover({ fd: 'mask' }, path, root, within), sys.close({ fd: 'mask' }, 'the mask keeps its place without a descriptor')]),
      sys.close({ fd: firstName }, 'the mask keeps its place without a descriptor'),
    ]
  }
  return [
    ...coverAll(files, [
      sys.open_tree(nullSource, '', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH'], { as: 'file mask', why: 'the descriptor is the host\'s device, whatever /dev holds by now' }),
      setAttributes({ fd: 'file mask' }, { set: ['MOUNT_ATTR_RDONLY', 'MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NOEXEC'], propagation: 'private' }, 'mode and owner of the host\'s /dev/null must not change through a mask'),
    ], 'file mask'),
    ...coverAll(directories, filesystem({ type: 'tmpfs', source: 'mask', data: ['mode=755', 'nr_inodes=1', ...(mountLabel ? [`context=${mountLabel}`] : [])], attributes: ['MOUNT_ATTR_RDONLY', 'MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'], as: 'directory mask' }), 'directory mask'),
    sys.close(nullSource, 'no descriptor of the host may reach the container'),
  ]
}

/** What is below a masked directory is gone with it, and there is no way to it any more. By `..` a path may lead out again, and counts for itself. */
const isBelow = (path: string, directory: string): boolean => !path.split('/').includes('..') && lexical(path).startsWith(`${lexical(directory)}/`)

function cover(from: FdRef, { path, kind }: MaskedPath, root: FdRef, within: Within): Program {
  const why = `${path} tells about the host`
  const kept = relative(path, within)
  if (kept) return [sys.move_mount(from, '', kept.base, kept.rest, ['MOVE_MOUNT_F_EMPTY_PATH'], why)]
  return [...target({ root, path, kind, as: 'target' }), ...attach(from, { fd: 'target' }, why), sys.close({ fd: 'target' }, 'descriptors of the root must not stay open')]
}
