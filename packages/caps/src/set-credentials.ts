import { sys, type Constant, type Program } from '@ctr/syscall'
import { capabilities as all, sorted, type Capability } from './capability.ts'
import type { CapabilitySets } from './sets.ts'

export type Securebit = Constant<'securebits'>

/** What `limitTo` and `setCredentials` have in common. */
export interface RunsAs {
  /** The highest capability number of the kernel it will run on: `lastCap()`. */
  readonly lastCap: number
  /** User and group that the program runs as. */
  readonly uid: number
  readonly gid: number
  /** Supplementary groups; absent leaves them, which is all that can be done where setgroups is denied. */
  readonly groups?: readonly number[] | undefined
  /** What later calls of the program still need, such as CAP_SYS_ADMIN for seccomp: execve takes it away if it is in no other set. */
  readonly untilExec?: readonly Capability[] | undefined
  readonly noNewPrivs?: boolean | undefined
}

export interface Credentials extends RunsAs {
  readonly sets: CapabilitySets
  /** Exactly these; absent leaves them as they are, but for SECBIT_KEEP_CAPS, which execve clears. */
  readonly securebits?: readonly Securebit[] | undefined
}

/** What the calls here need themselves. */
const needed: readonly Capability[] = ['CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP']

/**
 * The thread has this user, these groups, these five sets and these securebits.
 *
 * execve then makes of the sets what `afterExec` says: for user 0, unless SECBIT_NOROOT is set, all of the bounding and inheritable
 * sets become permitted and effective, whatever was permitted before.
 *
 * @returns calls for a thread that has CAP_SETPCAP, CAP_SETUID, CAP_SETGID and all that is in the sets, with user ID 0 in its user namespace
 * @throws RangeError an ID is out of range
 * @throws EPERM (SyscallError) the thread has not what it takes, or a securebit is locked
 * @throws TypeError an effective capability is not permitted, or an ambient one not both permitted and inheritable
 * @see capabilities(7)
 * @example
 * setCredentials({ sets: { ...noSets, bounding: ['CAP_KILL'] }, lastCap: 40, uid: 1000, gid: 1000, groups: [] })
 */
export function setCredentials({ sets, lastCap, uid, gid, groups, untilExec = [], securebits, noNewPrivs = false }: Credentials): Program {
  checkId('user', uid)
  checkId('group', gid)
  checkSets(sets)
  const known = (names: readonly Capability[]) => sorted(names).filter((name) => all.indexOf(name) <= lastCap)
  const [bounding, inheritable, ambient] = [known(sets.bounding), known(sets.inheritable), known(sets.ambient)]
  const [permitted, effective] = [known([...sets.permitted, ...untilExec]), known([...sets.effective, ...untilExec])]

  const refused = Array.from({ length: lastCap + 1 }, (_, number) => all[number] ?? number).filter((cap) => typeof cap === 'number' || !bounding.includes(cap))
  const unbounded = inheritable.filter((name) => !bounding.includes(name))
  const early = known([...permitted, ...needed, ...unbounded])
  const late = securebits === undefined ? [] : known(['CAP_SETPCAP'])
  const kept = uid !== 0 && (permitted.length > 0 || late.length > 0)
  // Where CAP_SETPCAP is effective in the end, nothing has to be taken away again.
  const twice = late.some((name) => !effective.includes(name))
  return [
    ...(unbounded.length > 0 ? [sys.capset({ effective: early, permitted: early, inheritable }, 'what leaves the bounding set cannot be made inheritable any more')] : []),
    // Before the user changes: it needs CAP_SETPCAP effective, and setresuid to another user than 0 empties that set.
    ...refused.map((cap) => sys.prctl('PR_CAPBSET_DROP', cap, 'an executable must not give what was not granted')),
    ...(kept ? [sys.prctl('PR_SET_KEEPCAPS', 1, 'leaving user 0 must not empty the permitted set yet')] : []),
    ...(groups === undefined ? [] : [sys.setgroups(groups, 'the groups of whoever started us must not remain')]),
    sys.setresgid(gid, gid, gid, 'the group must change while CAP_SETGID is still effective'),
    sys.setresuid(uid, uid, uid, 'no saved user id may lead back'),
    ...(twice ? [sys.capset({ effective: known([...effective, ...late]), permitted: known([...permitted, ...late]), inheritable }, 'securebits are still to be set, which takes CAP_SETPCAP')] : []),
    // This lowers the ambient set too: it is always a part of the permitted and inheritable ones.
    ...(twice ? [] : [sys.capset({ effective, permitted, inheritable }, 'what is not granted must be in no set, whatever was inherited')]),
    ...ambient.map((cap) => sys.prctl('PR_CAP_AMBIENT', 'PR_CAP_AMBIENT_RAISE', cap, 'execve keeps only ambient capabilities for a user other than 0')),
    ...(securebits === undefined ? [] : [sys.prctl('PR_SET_SECUREBITS', securebits, 'they may forbid what came before: keeping capabilities, raising ambient ones')]),
    ...(twice ? [sys.capset({ effective, permitted, inheritable }, 'what is not granted must be in no set, whatever was inherited')] : []),
    ...(noNewPrivs ? [sys.prctl('PR_SET_NO_NEW_PRIVS', 'set-user-id and file capabilities must give nothing')] : []),
  ]
}

/** Five empty sets. */
export const noSets: CapabilitySets = { bounding: [], permitted: [], effective: [], inheritable: [], ambient: [] }

function checkSets({ permitted, effective, inheritable, ambient }: CapabilitySets): void {
  for (const name of effective) if (!permitted.includes(name)) throw new TypeError(`Cannot make ${name} effective: it is not among the permitted`)
  for (const name of ambient) {
    if (!permitted.includes(name)) throw new TypeError(`Cannot make ${name} ambient: it is not among the permitted`)
    if (!inheritable.includes(name)) throw new TypeError(`Cannot make ${name} ambient: it is not among the inheritable`)
  }
}

function checkId(what: string, id: number): void {
  // The kernel takes 2^32 - 1 for "leave it as it is".
  if (!Number.isInteger(id) || id < 0 || id > 2 ** 32 - 2) throw new RangeError(`Cannot run as ${what} ${id}: an ID is an integer from 0 to ${2 ** 32 - 2}`)
}
