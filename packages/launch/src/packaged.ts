import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { sys, SyscallError, type Machine } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { open, type Owned } from './descriptor.ts'

/**
 * The interpreter as a file of this package, for hosts that forbid executing memfds (vm.memfd_noexec=2, fapolicyd, IMA). It is opened
 * through a read-only mount of itself, so that a container cannot write to it through /proc/PID/exe.
 */
export function packagedInterpreter(machine: Machine, owned: Owned): number {
  // Not from where this code stands: that may be a bundle of somebody else's.
  const file = `${dirname(createRequire(import.meta.url).resolve('@ctr/launch/package.json'))}/image/interpreter-${machine}`
  try {
    const { fds } = perform([
      sys.open_tree('AT_FDCWD', file, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: 'file', why: 'the file on disk must not be what /proc/PID/exe leads to' }),
      sys.mount_setattr({ fd: 'file' }, '', ['AT_EMPTY_PATH'], { attr_set: ['MOUNT_ATTR_RDONLY'] }, 'nobody may write to the interpreter through this mount'),
    ])
    return owned.add(fds['file']!)
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') throw new Error(`Cannot open ${file}: the build of the package writes it`, { cause: error })
    // Without privilege there are no mounts to make, and nothing that the process becomes can write to the file either.
    if (error instanceof SyscallError && error.code === 'EPERM') return owned.add(open(file, 'O_RDONLY'))
    throw error
  }
}
