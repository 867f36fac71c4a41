import { sys, type Program } from '@ctr/syscall'
import { cloneFlags, type Kind } from './kind.ts'

/**
 * The calling thread is in new namespaces of these kinds; for `pid` and `time` the children that it makes from then on are, not itself.
 *
 * A new user namespace is made before the others, whatever the order, and owns them. In Node only the calling thread moves.
 *
 * @returns nothing to do for no kinds; otherwise a call that needs CAP_SYS_ADMIN, or `user` among the kinds and a single thread
 * @throws TypeError one of them is not a kind of namespace
 * @throws SyscallError EPERM: the thread lacks CAP_SYS_ADMIN
 * @see unshare(2)
 * @example
 * explain(unshare(['uts', 'net'])) // ['unshare(CLONE_NEWUTS|CLONE_NEWNET)  …']
 */
export function unshare(of: readonly Kind[]): Program {
  const flags = cloneFlags(of)
  return flags.length === 0 ? [] : [sys.unshare(flags, 'what happens from here on must not be seen by others')]
}
