import { sys, type FdRef, type Program } from '@ctr/syscall'

export interface ConsoleOptions {
  /** /dev of the container. */
  readonly directory: FdRef
  /** The side of a terminal that programs open, as TIOCGPTPEER gives it. It stays open. */
  readonly terminal: FdRef
}

/**
 * /dev/console is a terminal: the one that is open, and not what a path in /dev/pts leads to by then (CVE-2025-52565).
 *
 * @see OCI runtime-spec config-linux.md, Default Devices
 */
export function consoleDevice({ directory, terminal }: ConsoleOptions): Program {
  return [
    sys.mknodat(directory, 'console', { type: 'S_IFREG', mode: 0o600 }, { allow: ['EEXIST'], why: 'a device can only be mounted on a file' }),
    sys.open_tree(terminal, '', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH'], { as: 'console', why: 'the descriptor is the terminal, whatever /dev/pts shows' }),
    // A link at the end of the path is not followed without MOVE_MOUNT_T_SYMLINKS.
    sys.move_mount({ fd: 'console' }, '', directory, 'console', ['MOVE_MOUNT_F_EMPTY_PATH'], 'programs open /dev/console for their terminal'),
    sys.close({ fd: 'console' }, 'the mount keeps its place without a descriptor'),
  ]
}
