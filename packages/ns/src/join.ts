import { sys, type FdRef, type Program } from '@ctr/syscall'
import { cloneFlags, kinds, type Kind } from './kind.ts'

/** Several namespaces of one process at once. */
export interface JoinProcess {
  readonly pidfd: number | FdRef
  readonly kinds: readonly Kind[]
}

/** Namespaces one by one, each by a descriptor of a /proc/PID/ns link or of a file it is pinned on. */
export interface JoinNamespaces {
  readonly fds: { readonly [K in Kind]?: number | FdRef }
}

/**
 * The calling thread is in the given namespaces; for `pid` and `time` the children that it makes from then on are.
 *
 * By `pidfd` it is one call: either all are joined or none (Linux 5.8). By `fds` it is one call each, the user namespace first
 * because it gives the right to join those it owns, the mount namespace last of those that others may need files of.
 *
 * @returns calls that need CAP_SYS_ADMIN in each namespace's owner. Joining `mnt` needs a thread that shares its working directory with no other
 * @throws TypeError one of them is not a kind of namespace
 * @throws SyscallError EINVAL: a descriptor is of another kind than it is given for
 * @throws SyscallError ESRCH: the process has ended
 * @see setns(2)
 */
export function join(target: JoinProcess | JoinNamespaces): Program {
  if ('pidfd' in target) {
    const flags = cloneFlags(target.kinds)
    return flags.length === 0 ? [] : [sys.setns(target.pidfd, flags, 'all of them at once, or none: the process may end in between')]
  }
  cloneFlags(Object.keys(target.fds) as Kind[])
  return order.flatMap((kind) => {
    const fd = target.fds[kind]
    return fd === undefined ? [] : [sys.setns(fd, cloneFlags([kind]), why(kind))]
  })
}

const order: readonly Kind[] = [...kinds.filter((kind) => kind !== 'mnt'), 'mnt']

function why(kind: Kind): string {
  if (kind === 'user') return 'it gives the right to join the namespaces that it owns'
  return `the descriptor must be of a ${kind} namespace, or nothing is joined`
}
