import { Owned } from './descriptor.ts'
import { executable } from './memfd.ts'

/**
 * A sealed executable memfd that holds an image, close-on-exec: for a program that execs something other than a file.
 *
 * @returns a descriptor that the caller closes
 * @throws SyscallError EACCES: vm.memfd_noexec is 2
 */
export function sealedExecutable(image: Uint8Array): number {
  const owned = new Owned()
  try {
    return owned.release(executable(image, owned))
  } finally {
    owned.closeAll()
  }
}
