import { sys, type FdRef, type Program } from '@ctr/syscall'
import { consoleDevice } from './console.ts'
import { defaultDevices, type NodeMethod } from './device-nodes.ts'
import { deviceLinks } from './dev.ts'
import { devices as deviceFiles, openDevices, type Device } from './devices.ts'
import { directoryRoot } from './directory.ts'
import { mask, openNull, type MaskedPath } from './mask.ts'
import { moveRoot } from './move-root.ts'
import { lexical } from './oci-mount.ts'
import { ociMounts, type OciMountsOptions } from './oci-mounts.ts'
import { pivotRoot } from './pivot-root.ts'
import { place } from './place.ts'
import { privatePropagation, propagation, type Propagation } from './propagation.ts'
import { readOnlyPaths, readOnlyRoot } from './read-only.ts'
import { target } from './target.ts'

export interface OciRootOptions extends Omit<OciMountsOptions, 'root'> {
  /** `root.path`: of the host, or relative to the working directory, which is the bundle. */
  readonly path: string
  /** `root.readonly`. Default false. */
  readonly readOnly?: boolean
  /** `linux.devices`; the default ones are there as well, unless one of these has the same path. */
  readonly devices?: readonly Device[]
  /** Default `mknod`. */
  readonly nodes?: NodeMethod
  /** A terminal that is open and becomes /dev/console. */
  readonly console?: FdRef
  /** `linux.maskedPaths` and `linux.readonlyPaths`, those that are there. */
  readonly maskedPaths?: readonly MaskedPath[]
  readonly readonlyPaths?: readonly MaskedPath[]
  /** `linux.rootfsPropagation`. Default: private, and so is what is mounted in it. */
  readonly propagation?: Propagation
  /** `process.cwd`, which is made where it is missing. */
  readonly cwd?: string
  /** Default true. False on a host that runs from its initramfs (`--no-pivot`). */
  readonly pivot?: boolean
  /** The umask of the process afterwards. Default 0o022. */
  readonly umask?: number
}

/** Four programs, in this order. */
export interface OciRoot {
  /** Bind mounts with mapped ids are open. Outside of any user namespace of the container, which may not map those of the host's file systems. */
  readonly idMapped: Program
  /** Everything of the host that will be in the root is open, while only the host is in view. */
  readonly sources: Program
  /** The root is complete, beside the host's: where `createRuntime` and `createContainer` hooks find it. It is open as `root`. */
  readonly build: Program
  /** The root is all there is. */
  readonly enter: Program
}

const root = { fd: 'root' }
const dev = { fd: 'dev' }

/**
 * The root file system of an OCI config.json, for a process in a new mount namespace: `root`, `mounts`, `linux.devices`, `maskedPaths`,
 * `readonlyPaths`, `rootfsPropagation`, and the default devices and links of /dev.
 *
 * Where /dev is a bind mount of the host's, it is left as it is.
 *
 * @throws ELOOP /dev, /proc or /sys of the image is a symbolic link
 * @throws as `ociMounts` and `devices`
 * @see OCI runtime-spec config.md, config-linux.md
 */
export function ociRoot(options: OciRootOptions): OciRoot {
  const { path, readOnly = false, nodes = 'mknod', console, maskedPaths = [], readonlyPaths = [], mountLabel, propagation: kind, cwd, pivot = true, umask = 0o022 } = options
  const mounts = ociMounts({ ...options, root })
  const ownDev = !options.mounts.some(({ destination, type, options: words = [] }) => lexical(destination) === '/dev' && (type === 'bind' || words.some((word) => word === 'bind' || word === 'rbind')))
  const list = ownDev ? withDefaults(options.devices ?? []) : []
  return {
    idMapped: mounts.idMapped,
    sources: [...mounts.sources, ...(nodes === 'bind' ? openDevices(list) : []), ...(maskedPaths.length > 0 ? openNull() : [])],
    build: [
      ...mounts.detached, ...privatePropagation(), ...mounts.byMount,
      // Its devices open, as they do with other runtimes: which of them may be used is for the devices controller.
      // Where it is on the host: a hook that joins this namespace has the host's files for its root, and the container's at this path.
      ...directoryRoot({ source: path, at: path, attributes: [], recursive: true, as: root.fd }),
      ...mounts.attach,
      ...(ownDev ? inDev(list, nodes, umask, console) : []),
      ...workingDirectoryIn(cwd),
      ...(maskedPaths.length > 0 ? mask({ root, paths: maskedPaths, nullSource: { fd: 'null' }, within: mounts.within, ...(mountLabel ? { mountLabel } : {}) }) : []),
      ...readOnlyPaths({ root, paths: readonlyPaths, within: mounts.within }),
      ...mounts.seal,
      ...Object.values(mounts.within).map((mount) => sys.close(mount, 'the mount keeps its place without a descriptor')),
    ],
    enter: [
      ...(readOnly ? readOnlyRoot({ root }) : []),
      ...(pivot ? pivotRoot({ root }) : [...withoutKernelMounts, ...moveRoot({ root, onSlash: false })]),
      ...(kind === undefined ? [] : propagation(kind, '/')),
    ],
  }
}

/**
 * The root of a process without a mount namespace of its own: the directory as it is, with the devices and links of /dev made in it. Nothing
 * is mounted, so nothing can be read-only or masked, and there is no proc, sysfs or devpts.
 *
 * It keeps nobody in who has CAP_SYS_CHROOT.
 *
 * @throws ELOOP /dev of the image is a symbolic link
 * @see chroot(2)
 */
export function ociChroot({ path, devices = [], cwd, umask = 0o022 }: Pick<OciRootOptions, 'path' | 'devices' | 'cwd' | 'umask'>): OciRoot {
  return {
    idMapped: [], sources: [],
    build: [
      sys.openat('AT_FDCWD', path, ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: root.fd, why: 'the directory that is looked up now is the root, whatever its path leads to later' }),
      ...inDev(withDefaults(devices), 'mknod', umask, undefined),
      ...workingDirectoryIn(cwd),
    ],
    enter: changeRoot(root),
  }
}

/** @param root an open directory, which is closed */
export function changeRoot(root: FdRef): Program {
  return [
    sys.fchdir(root, 'chroot takes a path, and this one cannot be led astray'),
    sys.close(root, 'descriptors of the root must not stay open'),
    sys.chroot('.', 'without a mount namespace there is no root mount that could be changed for this process alone'),
    sys.chdir('/', 'chroot leaves the working directory as it is'),
  ]
}

const workingDirectoryIn = (cwd: string | undefined): Program =>
  cwd === undefined || lexical(cwd) === '/' ? [] : [...target({ root, path: cwd, kind: 'directory', create: true, as: 'cwd' }), sys.close({ fd: 'cwd' }, 'it is looked up again where it is to be used')]

/**
 * Where the old root stays, what the host has of proc and sysfs does not: as long as a mount of one has nothing over it, the kernel lets a
 * user namespace of the container mount another, without masks (mount_too_revealing in fs/namespace.c).
 */
const withoutKernelMounts: Program = ['/sys', '/proc'].map((path) => sys.umount2(path, ['MNT_DETACH'], { why: 'a full view of it in this namespace would allow one without masks', allow: ['EINVAL', 'ENOENT'] }))

function withDefaults(devices: readonly Device[]): Device[] {
  const own = new Set(devices.map(({ path }) => lexical(path)))
  return [...defaultDevices.map(({ name, major, minor }): Device => ({ path: `/dev/${name}`, type: 'c', major, minor })).filter(({ path }) => !own.has(path)), ...devices]
}

/** What every container has in /dev, in its descriptor: the image may have put anything in the place of a path (CVE-2026-41579). */
function inDev(list: readonly Device[], nodes: NodeMethod, umask: number, console: FdRef | undefined): Program {
  return [
    ...place({ root, name: 'dev', as: dev.fd }),
    ...deviceFiles({ root, devices: list, nodes, umask }),
    sys.unlinkat(dev, 'ptmx', [], { allow: ['ENOENT'], why: 'terminals of the image are of no use' }),
    ...deviceLinks.map(([to, name]) => sys.symlinkat(to, dev, name, { allow: ['EEXIST'], why: `programs expect /dev/${name}` })),
    ...(console === undefined ? [] : consoleDevice({ directory: dev, terminal: console })),
    sys.close(dev, 'descriptors of the root must not stay open'),
  ]
}
