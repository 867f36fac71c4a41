import { sys, type FdRef, type Program } from '@ctr/syscall'
import { attachSource, openSource } from './bind.ts'
import { attach } from './filesystem.ts'
import { escapeLayer } from './overlay.ts'
import { target } from './target.ts'

export interface HostRootOptions {
  /** An existing directory in the host's view. It is hidden in this mount namespace: open what is below it before. */
  readonly at: string
  /** How much the container may write, in bytes. Default: half of the memory (tmpfs(5)). */
  readonly sizeBytes?: number
  /** Directories directly in the root that are empty inside, with their mode. Default: /run with 0755, /tmp with 01777. */
  readonly empty?: Readonly<Record<string, number>>
  /** Other file systems of the host to show where they are: read-only, `'/home'`, or copy-on-write as well. Each before those below it. */
  readonly mounts?: readonly (string | { readonly path: string; readonly copyOnWrite: true })[]
  readonly as: string
}

/**
 * The root file system is the host's own, copy-on-write: nothing is written back, and nothing needs to be downloaded.
 *
 * Only the file system of `/` is in it, without what is mounted on it: no /proc, /sys or /dev of the host. Its secrets are: a process
 * inside reads whatever its user may read (/etc/shadow, /root); cover with `mask` what it shall not see. Sockets of the host's services
 * and the state of this runtime are not there as long as they are in /run and /tmp.
 *
 * Where the root has been in use by others while the container runs, their changes may show or not (overlayfs.rst, Changes to
 * underlying filesystems).
 *
 * @throws EINVAL in a user namespace: the mounts on the host's root may not be taken off to look below them. Or the host's root is an
 *   overlay on an overlay: there can be two on top of each other, not three
 * @see Documentation/filesystems/overlayfs.rst
 */
export function hostRoot({ at, sizeBytes, empty = { run: 0o755, tmp: 0o1777 }, mounts = [], as }: HostRootOptions): Program {
  const root = { fd: as }
  const covered = Object.entries(empty)
  return [
    ...mounts.flatMap((source, i) => (typeof source === 'string' ? openSource({ source, as: `host mount ${i}` }) : [])),
    // An overlay accepts layers on mounts of the caller's namespace only (clone_private_mount in fs/namespace.c), so it must be attached.
    sys.mount('tmpfs', at, 'tmpfs', ['MS_NOSUID', 'MS_NODEV'], sizeBytes === undefined ? 'mode=700' : `mode=700,size=${sizeBytes}`, 'what the container writes must not reach the disk'),
    sys.chdir(at, 'relative paths need no escaping and are looked up in a directory that nobody else has'),
    sys.mkdirat('AT_FDCWD', 'upper', 0o755, 'changed files need a place'),
    sys.mkdirat('AT_FDCWD', 'work', 0o700, 'an overlay prepares files beside its upper directory, to rename them into it'),
    sys.mkdirat('AT_FDCWD', 'root', 0o700, 'the overlay needs a mount point'),
    ...covered.map(([name]) => sys.mknodat('AT_FDCWD', `upper/${single(name)}`, { type: 'S_IFCHR', mode: 0 }, `a whiteout: the host's /${name} holds its services' sockets and other containers' state`)),
    sys.mount('overlay', 'root', 'overlay', ['MS_NODEV'], `lowerdir=${escapeLayer('/')},upperdir=upper,workdir=work`, 'the host is the lower layer, which an overlay never writes to'),
    sys.openat('AT_FDCWD', 'root', ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], 0, { as, why: 'every mount is found from here, by descriptor' }),
    ...covered.flatMap(([name, mode]): Program => [
      sys.mkdirat(root, name, mode & 0o755, `programs expect a /${name}`),
      ...(mode === (mode & 0o755) ? [] : [sys.fchmodat(root, name, mode, 'the umask has taken bits away')]),
    ]),
    ...mounts.flatMap((path, i) => typeof path !== 'string' ? copied(path.path, i, root) : attachSource({ from: { fd: `host mount ${i}` }, root, path, kind: 'directory', attributes: [{ set: ['MOUNT_ATTR_RDONLY', 'MOUNT_ATTR_NODEV'], propagation: 'private' }] })),
  ]
}

/** Another file system of the host as the lower layer of an overlay of its own, whose changes go to the same place. */
function copied(path: string, i: number, root: FdRef): Program {
  const [upper, work, place, mount] = [`upper ${i}`, `work ${i}`, `place ${i}`, { fd: `host mount ${i}` }]
  return [
    ...[upper, work, place].map((name) => sys.mkdirat('AT_FDCWD', name, 0o755, 'an overlay has one file system below it, so each needs its own')),
    sys.mount('overlay', place, 'overlay', ['MS_NODEV'], `lowerdir=${escapeLayer(path)},upperdir=${upper},workdir=${work}`, 'the host\'s file system is the lower layer, which an overlay never writes to'),
    sys.openat('AT_FDCWD', place, ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], 0, { as: mount.fd, why: 'it is moved by descriptor' }),
    ...target({ root, path, kind: 'directory', as: 'target' }),
    ...attach(mount, { fd: 'target' }, 'it belongs where it is on the host'),
    sys.close({ fd: 'target' }, 'descriptors of the root must not stay open'),
    sys.close(mount, 'the mount keeps its place without a descriptor'),
  ]
}

function single(name: string): string {
  if (!/^[^/]+$/.test(name) || name === '.' || name === '..') throw new TypeError(`Cannot empty ${JSON.stringify(name)}: it is not the name of a directory directly in the root`)
  return name
}
