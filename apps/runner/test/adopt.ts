import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { processes } from './processes.ts'

/** From now on we are the parent of whatever loses its own: what a killed process leaves behind is our descendant, and counted. */
export function becomeSubreaper(): void {
  perform([sys.prctl('PR_SET_CHILD_SUBREAPER', 1, 'orphans of a killed process must not get out of sight')])
}

/** Adopted children that have ended are waited for, as init would. @param own those that Node itself waits for */
export function reapAdopted(own: ReadonlySet<number>): void {
  for (const { pid, ppid, state } of processes())
    if (ppid === process.pid && state === 'Z' && !own.has(pid)) perform([sys.waitid('P_PID', pid, null, ['WEXITED', '__WALL'], 'nobody else waits for it')])
}
