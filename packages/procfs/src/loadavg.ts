import { integer } from './integer.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * Load averages and scheduling entities.
 *
 * @see proc(5) /proc/loadavg
 */
export interface Loadavg {
  /** Tasks running or in uninterruptible sleep, averaged over one minute. */
  readonly one: number
  readonly five: number
  readonly fifteen: number
  readonly runnable: number
  readonly total: number
  /** The PID that was given out last, in the PID namespace of this procfs. */
  readonly lastPid: number
}

/**
 * The numbers of a /proc/loadavg text.
 *
 * @throws {ProcParseError} when the text has another form
 * @see proc(5) /proc/loadavg
 * @example
 * parseLoadavg('0.56 0.27 0.12 1/86 5239\n').runnable // 1
 */
export function parseLoadavg(text: string, file = 'loadavg'): Loadavg {
  const place = { file, line: 1, text }
  const match = /^(\d{1,15}\.\d\d) (\d{1,15}\.\d\d) (\d{1,15}\.\d\d) (\d+)\/(\d+) (\d+)\n?$/.exec(text)
  if (match === null) throw new ProcParseError(place, 'three averages, runnable/total and a PID')
  return {
    one: Number(match[1]),
    five: Number(match[2]),
    fifteen: Number(match[3]),
    runnable: integer(match[4], place),
    total: integer(match[5], place),
    lastPid: integer(match[6], place),
  }
}
