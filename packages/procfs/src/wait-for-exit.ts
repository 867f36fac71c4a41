import { setTimeout as delay } from 'node:timers/promises'
import type { Directory } from './directory.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { readAsync } from './read-async.ts'
import type { Stat } from './stat.ts'
import { TASK_READINGS } from './task-readings.ts'

/** How to wait. */
export interface WaitOptions {
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal
  /** The longest pause between two looks. Default 50; the first pauses are shorter. */
  readonly intervalMillis?: number
  /** Start time of the process that is meant, as of an identity; without it, of whichever has the PID at the first look. */
  readonly starttimeTicks?: number
}

/** How a process ended, as far as it could be seen. */
export interface Exit {
  /** As waitpid(2) reports it; undefined when it was gone before its end was seen, or the reader may not know. */
  readonly waitStatus?: number
}

const FIRST_PAUSE_MILLIS = 1

/**
 * Settles when a process has ended or is a zombie, whosever child it is.
 *
 * procfs tells nobody when a process ends, so its stat is read again and again, with pauses that grow to the interval: about
 * 20 microseconds of work each. Without a pause and for a child that must not be missed, a pidfd is right; that takes native
 * code. Start times are compared, so another process with the same PID is an end too. Only of a zombie is there a status: the
 * kernel shows it to who may ptrace the process, and to others 0.
 *
 * @throws the signal's reason
 * @see proc(5) /proc/pid/stat exit_code, pidfd_open(2)
 */
export async function waitForExit(directory: Directory, options: WaitOptions = {}): Promise<Exit> {
  const { signal, intervalMillis = 50 } = options
  let { starttimeTicks } = options
  for (let pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(2 * pause, intervalMillis)) {
    signal?.throwIfAborted()
    let stat: Stat
    try {
      stat = await readAsync(TASK_READINGS.stat(directory))
    } catch (error) {
      if (error instanceof ProcessVanishedError) return {}
      throw error
    }
    starttimeTicks ??= stat.starttimeTicks
    if (stat.starttimeTicks !== starttimeTicks) return {}
    if (stat.state === 'Z' || stat.state === 'X') return { waitStatus: stat.exitCode }
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted())
  }
}
