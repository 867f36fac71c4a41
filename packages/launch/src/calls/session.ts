import { sys, type Program } from '@ctr/syscall'

/**
 * The process leads a session of its own, and a process group in it, and has no controlling terminal.
 *
 * A process that leads a group already is refused; one that was just cloned or spawned leads none.
 *
 * @throws EPERM the process leads a process group
 * @see setsid(2), credentials(7)
 *
 * @example
 * ```ts
 * await launch([...newSession(), sys.execve('/usr/bin/sleep', ['sleep', '60'], [], 'it is what runs')])
 * ```
 */
export function newSession(why = 'what the terminal of our session sends is not for it'): Program {
  return [sys.setsid(why)]
}

/**
 * The process is in a process group: a new one of its own, or one of its session. `kill(-pgid)` and ^C reach a group as a whole.
 *
 * @param pgid 0 for a new group that is called like the process
 * @throws EPERM the group is of another session, or does not exist
 * @see setpgid(2)
 */
export function processGroup(pgid = 0, why = 'signals to our own process group are not for it'): Program {
  if (!Number.isInteger(pgid) || pgid < 0) throw new RangeError(`Cannot be in process group ${pgid}: it is 0, for a new one, or the number of a group`)
  return [sys.setpgid(0, pgid, why)]
}
