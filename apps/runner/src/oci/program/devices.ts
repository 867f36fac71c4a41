import { consoleDevice } from '@ctr/rootfs'
import { sys, type Program } from '@ctr/syscall'

/** The terminal itself becomes /dev/console, by descriptor, once it is there: behind pivot_root, where /dev can only be the container's. */
export function consoleOfTerminal(): Program {
  const directory = { fd: 'dev' }
  return [
    sys.openat('AT_FDCWD', '/dev', ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY', 'O_NOFOLLOW'], 0, { as: directory.fd, why: 'a link must not lead the console away' }),
    ...consoleDevice({ directory, terminal: { fd: 'terminal' } }),
    sys.close(directory, 'descriptors of the root must not stay open'),
  ]
}
