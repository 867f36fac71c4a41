import { sys, type FdRef, type Program } from '@ctr/syscall'

/** Makes new device files, or mounts the host's. */
export type NodeMethod = 'mknod' | 'bind'

/** Name, major and minor number: Documentation/admin-guide/devices.txt, char 1 (memory devices) and char 5 (alternate TTYs). */
export const defaultDevices = [
  { name: 'null', major: 1, minor: 3 }, { name: 'zero', major: 1, minor: 5 }, { name: 'full', major: 1, minor: 7 },
  { name: 'random', major: 1, minor: 8 }, { name: 'urandom', major: 1, minor: 9 }, { name: 'tty', major: 5, minor: 0 },
] as const

/** The default devices are in a directory, for everybody to read and write. */
export function deviceNodes({ directory, method, umask }: { readonly directory: FdRef; readonly method: NodeMethod; readonly umask: number }): Program {
  if (method === 'mknod') {
    return [
      sys.umask(0, 'everybody must be able to write to /dev/null, whatever umask was inherited'),
      ...defaultDevices.map(({ name, major, minor }) => sys.mknodat(directory, name, { type: 'S_IFCHR', mode: 0o666, major, minor }, `programs expect /dev/${name}`)),
      sys.umask(umask, 'what is made from now on must not be writable for everybody'),
    ]
  }
  return defaultDevices.flatMap(({ name }) => [
    sys.mknodat(directory, name, { type: 'S_IFREG', mode: 0o644 }, 'a device can only be mounted on a file'),
    sys.open_tree('AT_FDCWD', `/dev/${name}`, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: 'device', why: 'a user namespace cannot make devices, so the host\'s is used' }),
    sys.move_mount({ fd: 'device' }, '', directory, name, ['MOVE_MOUNT_F_EMPTY_PATH'], `programs expect /dev/${name}`),
    sys.close({ fd: 'device' }, 'the mount keeps its place without a descriptor'),
  ])
}
