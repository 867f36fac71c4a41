import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** Part of the time in which tasks waited for a resource. */
export interface Stall {
  /** Per cent, over ten seconds. */
  readonly avg10Percent: number
  readonly avg60Percent: number
  readonly avg300Percent: number
  /** Since boot, or since the cgroup was made. */
  readonly totalMicros: number
}

/**
 * Pressure stall information of one resource.
 *
 * @see Documentation/accounting/psi.rst
 */
export interface Pressure {
  /** Some task waited; absent for irq. */
  readonly some?: Stall
  /** All tasks waited; absent for cpu before Linux 5.13. */
  readonly full?: Stall
}

const LINE = /^(some|full) avg10=(\d{1,3}\.\d\d) avg60=(\d{1,3}\.\d\d) avg300=(\d{1,3}\.\d\d) total=(\d+)$/

/**
 * The stalls of a /proc/pressure/RESOURCE text; a cgroup's `RESOURCE.pressure` has the same form.
 *
 * @throws {ProcParseError} naming the line
 * @see Documentation/accounting/psi.rst
 * @example
 * parsePressure('some avg10=0.00 avg60=0.12 avg300=0.05 total=4711\n').some?.totalMicros // 4711
 */
export function parsePressure(text: string, file = 'pressure'): Pressure {
  const pressure: { some?: Stall; full?: Stall } = {}
  const all = lines(text, file)
  for (const place of all) {
    const match = LINE.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'some or full with three averages and a total')
    pressure[match[1] as 'some' | 'full'] = {
      avg10Percent: Number(match[2]),
      avg60Percent: Number(match[3]),
      avg300Percent: Number(match[4]),
      totalMicros: integer(match[5], place),
    }
  }
  if (all.length === 0) throw new ProcParseError({ file, line: 1, text }, 'a line with some or full')
  return pressure
}
