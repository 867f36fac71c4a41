import { sys, type Program } from '@ctr/syscall'

export interface User {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** Supplementary groups. Default: none. */
  readonly groups?: readonly number[] | undefined
}

/**
 * The process is this user, for good: real, effective and saved ids are the same. What is left out stays as it is.
 *
 * Groups first, and the user last: whoever has become an ordinary user may not change groups any more. Leaving user 0 also gives up
 * every capability, and takes a parent-death signal back.
 *
 * @throws EPERM without CAP_SETUID or CAP_SETGID; setgroups also where a user namespace denies it
 * @throws EINVAL the user namespace has no such id
 * @see setresuid(2), setgroups(2), capabilities(7)
 */
export function becomeUser({ uid, gid, groups = [] }: User): Program {
  return [
    sys.setgroups(groups, 'the groups of whoever started it are not its own'),
    ...(gid === undefined ? [] : [sys.setresgid(gid, gid, gid, 'once it is another user it may not change its group')]),
    ...(uid === undefined ? [] : [sys.setresuid(uid, uid, uid, 'it must not have the rights of who started it, nor get them back')]),
  ]
}
