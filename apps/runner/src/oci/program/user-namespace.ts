import { sys, type Constant, type Program } from '@ctr/syscall'

export interface BecomeRootOptions {
  /** Groups can be set: not so where the map has no group but the caller's own (user_namespaces(7)). */
  readonly setgroups: boolean
  /** Processes of the caller's user may look at this one: see `traceable` of launch. Default false. */
  readonly traceable?: boolean
}

/**
 * The process is user 0 of the user namespace that it is in, as nobody of the host: what it makes from here on has an owner inside.
 *
 * @throws EINVAL the maps have no user or group 0
 * @see user_namespaces(7)
 */
export function becomeRoot({ setgroups, traceable = false }: BecomeRootOptions): Program {
  return [
    ...(setgroups ? [sys.setgroups([], 'groups of the host mean nothing inside')] : []),
    sys.setresgid(0, 0, 0, 'what is made must belong to a group that there is inside'),
    sys.setresuid(0, 0, 0, 'what is made must belong to a user that there is inside: others are refused (EOVERFLOW)'),
    ...afterNewUser(traceable, 'changing the user made the process traceable again'),
  ]
}

/** Changing the user resets whether a process can be traced (prctl(2), PR_SET_DUMPABLE). */
export function afterNewUser(traceable: boolean, why: string): Program {
  const value: Constant<'dumpable'> = traceable ? 'SUID_DUMP_USER' : 'SUID_DUMP_DISABLE'
  return [sys.prctl('PR_SET_DUMPABLE', value, traceable ? 'whoever makes the container has no privilege to look at it otherwise, and nobody else is in there' : why)]
}
