import { integers } from './integer.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * Time of one task on and waiting for a processor; of a process: its main thread only.
 *
 * @see Documentation/scheduler/sched-stats.rst
 */
export interface Schedstat {
  readonly runNanos: number
  readonly waitNanos: number
  readonly timeslices: number
}

/**
 * The times of a /proc/PID/schedstat text.
 *
 * @throws {ProcParseError} when there are not three integers
 * @see Documentation/scheduler/sched-stats.rst
 * @example
 * parseSchedstat('1009346 25142 3\n').timeslices // 3
 */
export function parseSchedstat(text: string, file = 'schedstat'): Schedstat {
  const place = { file, line: 1, text }
  const [runNanos, waitNanos, timeslices] = integers(text, place)
  if (runNanos === undefined || waitNanos === undefined || timeslices === undefined) throw new ProcParseError(place, 'three integers')
  return { runNanos, waitNanos, timeslices }
}
