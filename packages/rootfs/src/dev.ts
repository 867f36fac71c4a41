import { sys, type FdRef, type Program } from '@ctr/syscall'
import { consoleDevice } from './console.ts'
import { deviceNodes, type NodeMethod } from './device-nodes.ts'
import { kernelFilesystem } from './proc.ts'

export interface DevOptions {
  readonly root: FdRef
  /** `bind` takes the host's devices, where new ones cannot be made: in a user namespace. Default `mknod`. */
  readonly nodes?: NodeMethod
  /** Group of terminals in /dev/pts, null for that of the process that opens one. Default 5, `tty` on every distribution. */
  readonly ttyGroup?: number | null
  /** Size of /dev/shm in bytes. Default 64 MiB. */
  readonly shmBytes?: number
  /** A terminal that is open as `tty` and becomes /dev/console. */
  readonly console?: FdRef
  /** Default true. Without an IPC namespace of its own it shows the host's queues. */
  readonly mqueue?: boolean
  /** The umask of the process afterwards. Default 0o022. */
  readonly umask?: number
  /** Keeps /dev open under this name: /dev/pts is the directory `pts` in it. */
  readonly as?: string
}

/** @see OCI runtime-spec runtime-linux.md, Dev symbolic links */
export const deviceLinks = [['/proc/self/fd', 'fd'], ['/proc/self/fd/0', 'stdin'], ['/proc/self/fd/1', 'stdout'], ['/proc/self/fd/2', 'stderr'], ['pts/ptmx', 'ptmx']] as const

/**
 * /dev has the devices that every program may expect, terminals, shared memory and message queues, and nothing of the host's.
 *
 * Everything is made in the descriptor of the new file system, never by a path that begins in the image. The working directory is
 * /dev afterwards.
 *
 * @throws ELOOP /dev of the image is a symbolic link (CVE-2026-41579)
 * @throws EPERM in a user namespace: device nodes cannot be made (use `bind`), and message queues need an own IPC namespace
 * @throws EINVAL the group of terminals is not mapped in the user namespace
 * @see OCI runtime-spec config-linux.md, Default Devices and Default Filesystems
 */
export function dev({ root, nodes = 'mknod', ttyGroup = 5, shmBytes = 64 * 1024 * 1024, console, mqueue = true, umask = 0o022, as }: DevOptions): Program {
  const directory = { fd: as ?? 'dev' }
  const inside = ['MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC'] as const
  return [
    ...kernelFilesystem({ root, type: 'tmpfs', name: 'dev', data: ['mode=755', 'size=65536k'], attributes: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_STRICTATIME'], as: directory.fd }),
    ...deviceNodes({ directory, method: nodes, umask }),
    ...deviceLinks.map(([to, name]) => sys.symlinkat(to, directory, name, `programs expect /dev/${name}`)),
    ...['pts', 'shm', ...(mqueue ? ['mqueue'] : [])].map((name) => sys.mkdirat(directory, name, 0o755, 'a file system needs a directory to be mounted on')),
    // Relative paths of one component, in a file system that nobody else has yet: they cannot lead anywhere else.
    sys.fchdir(directory, 'mount points in it are named relative to the descriptor'),
    // Each mount of devpts is an instance of its own since Linux 4.7 (devpts.rst)
    sys.mount('devpts', 'pts', 'devpts', ['MS_NOSUID', 'MS_NOEXEC'], `ptmxmode=0666,mode=0620${ttyGroup === null ? '' : `,gid=${ttyGroup}`}`, 'terminals of the container must not be the host\'s'),
    sys.mount('shm', 'shm', 'tmpfs', inside, `mode=1777,size=${shmBytes}`, 'shm_open(3) needs a tmpfs at /dev/shm'),
    ...(mqueue ? [sys.mount('mqueue', 'mqueue', 'mqueue', inside, null, 'the queues of the IPC namespace show here')] : []),
    ...(console === undefined ? [] : consoleDevice({ directory, terminal: console })),
    ...(as === undefined ? [sys.close(directory, 'the mount keeps its place without a descriptor')] : []),
  ]
}
