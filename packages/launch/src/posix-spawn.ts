import { errnoName } from '@ctr/syscall'
import { copy, type Owned } from './descriptor.ts'
import { native, spawnAttributes } from './native.ts'

/** posix_spawn said no. */
export class SpawnError extends Error {
  readonly code: string
  readonly errno: number
  readonly syscall = 'posix_spawn'
  constructor(errno: number, path: string) {
    super(`posix_spawn("${path}"): ${errnoName(errno)}`)
    this.name = 'SpawnError'
    this.code = errnoName(errno)
    this.errno = -errno
  }
}

/** What never changes, made once: the kernel reads it by address, so it must stay where it is. */
interface Constants {
  readonly attributes: Uint8Array
  readonly argv: Uint8Array
  readonly envp: Uint8Array
  readonly label: Uint8Array
}
let made: Constants | undefined

function make(): Constants {
  const label = new Uint8Array(new ArrayBuffer(8))
  label.set(new TextEncoder().encode('ctr'))
  return { attributes: spawnAttributes(), label, argv: new Uint8Array(BigUint64Array.of(native().address(label), 0n).buffer), envp: new Uint8Array(new ArrayBuffer(8)) }
}

/**
 * Starts an executable that is open as `image`, with `fds[i]` as its descriptor i where there is one, an empty environment, and signals as after a boot.
 *
 * posix_spawn does not copy the parent's page tables (it is a vfork inside), so it takes as long in a parent of 4 GB as in one of 40 MB.
 *
 * @returns the pid of the child; it must be waited for
 */
export function spawn(image: number, fds: readonly (number | undefined)[], owned: Owned): number {
  const libc = native()
  const { attributes, argv, envp } = (made ??= make())
  // A source must not be overwritten by an earlier dup2 before its turn.
  const high = (fd: number) => (fd < 0 || fd >= fds.length ? fd : above(fd, fds.length, owned))
  const sources = Array.from(fds, (fd, target) => (fd === undefined || fd === target ? fd : high(fd)))
  const path = `/proc/self/fd/${high(image)}`
  // sizeof(posix_spawn_file_actions_t) is 80 in glibc and musl.
  const actions = new Uint8Array(new ArrayBuffer(256))
  libc.posix_spawn_file_actions_init(actions)
  try {
    for (const [target, fd] of sources.entries()) {
      if (fd === undefined) continue
      const refused = libc.posix_spawn_file_actions_adddup2(actions, fd, target)
      if (refused !== 0) throw new SpawnError(refused, path)
    }
    const pid = new Uint8Array(new ArrayBuffer(4))
    const errno = libc.posix_spawn(pid, path, actions, attributes, argv, envp)
    if (errno !== 0) throw new SpawnError(errno, path)
    return new Int32Array(pid.buffer)[0]!
  } finally {
    libc.posix_spawn_file_actions_destroy(actions)
  }
}

/** A copy of a descriptor above those that the child gets, close-on-exec. */
function above(fd: number, least: number, owned: Owned): number {
  return owned.add(copy(fd, least))
}
