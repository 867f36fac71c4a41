import { signalPidfd, readable } from '@ctr/launch'
import type { Stopping } from './how-to-stop.ts'

export interface StopOptions extends Stopping {
  readonly pidfd: number
  /** Settles when the process has ended; without it, the pidfd is watched. */
  readonly ended?: Promise<unknown>
}

/** The process was asked to end, and killed if it did not in time. @returns whether it had to be killed */
export async function stopProcess({ pidfd, ended, signal, timeoutSeconds }: StopOptions): Promise<boolean> {
  if (!signalPidfd(pidfd, signal)) return false
  const gone = ended ?? readable(pidfd)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => { timer = setTimeout(() => resolve('late'), timeoutSeconds * 1000) })
  const first = await Promise.race([gone, late])
  clearTimeout(timer)
  if (first !== 'late') return false
  signalPidfd(pidfd, 'SIGKILL')
  await gone
  return true
}
