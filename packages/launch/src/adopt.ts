import type { Constant } from '@ctr/syscall'
import { Child } from './child.ts'
import type { Exit } from './exit.ts'

/** A process that somebody else started. */
export interface AdoptedProcess {
  readonly pid: number
  /** How it ended. Never rejects. */
  readonly exited: Promise<Exit>
  /** Sends a signal; false when the process has ended already. */
  kill(signal?: Constant<'signal'>): boolean
}

/**
 * A child of ours that another process made for us, with CLONE_PARENT, is waited for.
 *
 * @param pid of a child that nobody has waited for: the pid cannot have been given away
 * @throws {SyscallError} ESRCH: there is no such process
 * @see clone(2), CLONE_PARENT
 */
export function adopt(pid: number): AdoptedProcess {
  const child = new Child(pid)
  const exited = child.ended.then((exit) => {
    child.close()
    return exit
  })
  return { pid, exited, kill: (signal = 'SIGKILL') => child.signal(signal) }
}
