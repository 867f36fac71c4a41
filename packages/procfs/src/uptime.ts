import { ProcParseError } from './proc-parse-error.ts'

/**
 * Time since boot, in the reader's time namespace, suspension included.
 *
 * @see proc(5) /proc/uptime
 */
export interface Uptime {
  readonly uptimeSeconds: number
  /** Summed over all processors, so it can exceed the uptime. */
  readonly idleSeconds: number
}

/**
 * The two times of a /proc/uptime text.
 *
 * @throws {ProcParseError} when the text has another form
 * @see proc(5) /proc/uptime
 * @example
 * parseUptime('985.57 1889.92\n').uptimeSeconds // 985.57
 */
export function parseUptime(text: string, file = 'uptime'): Uptime {
  const match = /^(\d{1,15}\.\d\d) (\d{1,15}\.\d\d)\n?$/.exec(text)
  if (match === null) throw new ProcParseError({ file, line: 1, text }, 'two times in seconds')
  return { uptimeSeconds: Number(match[1]), idleSeconds: Number(match[2]) }
}
