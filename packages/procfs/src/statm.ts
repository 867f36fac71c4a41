import { integers } from './integer.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * Memory of a process in pages of getconf(1) PAGESIZE; status has it in bytes and more exactly.
 *
 * @see proc(5) /proc/pid/statm
 */
export interface Statm {
  readonly sizePages: number
  readonly residentPages: number
  readonly sharedPages: number
  readonly textPages: number
  readonly dataPages: number
}

/**
 * The page counts of a /proc/PID/statm text.
 *
 * @throws {ProcParseError} when there are not seven integers
 * @see proc(5) /proc/pid/statm
 * @example
 * parseStatm('1120 513 402 193 0 108 0\n').residentPages // 513
 */
export function parseStatm(text: string, file = 'statm'): Statm {
  const place = { file, line: 1, text }
  // lib (field 5) and dt (field 7) are always 0 since Linux 2.6.
  const [sizePages, residentPages, sharedPages, textPages, , dataPages, last] = integers(text, place)
  if (
    sizePages === undefined || residentPages === undefined || sharedPages === undefined ||
    textPages === undefined || dataPages === undefined || last === undefined
  ) throw new ProcParseError(place, 'seven integers')
  return { sizePages, residentPages, sharedPages, textPages, dataPages }
}
