import type { Program } from '@ctr/syscall'
import type { Capability } from './capability.ts'
import { setCredentials, type RunsAs } from './set-credentials.ts'

export interface Limits extends RunsAs {
  /** What the program may ever have: its bounding set, and what user 0 gets. */
  readonly capabilities: readonly Capability[]
  /** What a user other than 0 keeps over execve, a part of `capabilities`. Docker gives none. */
  readonly ambient?: readonly Capability[] | undefined
}

/**
 * The thread is one user with no capability but those listed, and no execve gives it another.
 *
 * Nothing that needs a privilege may follow, except what `untilExec` is for. A user other than 0 without `ambient` has all sets empty
 * but the bounding one: only executables with file capabilities give it any.
 *
 * @returns calls for a thread that has CAP_SETPCAP, CAP_SETUID, CAP_SETGID and all of `capabilities`, with user ID 0 in its user namespace
 * @throws RangeError an ID is out of range
 * @throws TypeError `ambient` is not a part of `capabilities`
 * @see capabilities(7) Transformation of capabilities during execve(), Effect of user ID changes on capabilities
 * @example
 * explain(limitTo({ capabilities: defaultCapabilities, lastCap: 40, uid: 0, gid: 0, groups: [], noNewPrivs: true }))
 */
export function limitTo({ capabilities, ambient = [], ...rest }: Limits): Program {
  const lacking = ambient.find((name) => !capabilities.includes(name))
  if (lacking !== undefined) throw new TypeError(`Cannot make ${lacking} ambient: it is not among the capabilities granted`)
  const held = rest.uid === 0 ? capabilities : ambient
  return setCredentials({ ...rest, sets: { bounding: capabilities, permitted: held, effective: held, inheritable: ambient, ambient } })
}
