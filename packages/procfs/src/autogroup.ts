import { integer } from './integer.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** The scheduler's group of a session. @see sched(7) The autogroup feature */
export interface Autogroup {
  readonly id: number
  readonly nice: number
}

/**
 * The group of a /proc/PID/autogroup text; undefined where the text is empty, because the process has none.
 *
 * @throws {ProcParseError} when it is not `/autogroup-N nice N`
 * @see sched(7) The autogroup feature
 * @example
 * parseAutogroup('/autogroup-25 nice 0\n') // { id: 25, nice: 0 }
 */
export function parseAutogroup(text: string, file = 'autogroup'): Autogroup | undefined {
  if (text === '') return undefined
  const place = { file, line: 1, text: text.replace(/\n$/, '') }
  const match = /^\/autogroup-(\d{1,20}) nice (-?\d{1,3})$/.exec(place.text)
  if (match === null) throw new ProcParseError(place, '/autogroup-N nice N')
  return { id: integer(match[1], place), nice: integer(match[2], place) }
}
