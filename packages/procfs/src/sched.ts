import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * What the scheduler knows of a task. Names and units are the kernel's, and change with its version: times are mostly
 * milliseconds with a fraction.
 *
 * @see Documentation/scheduler/sched-debug.rst
 */
export interface Sched {
  /** Not trusted. */
  readonly comm: string
  readonly pid: number
  readonly threads: number
  readonly values: Readonly<Record<string, number>>
  /** Lines of another form, as printed. */
  readonly unknown: readonly string[]
}

/**
 * The values of a /proc/PID/sched text.
 *
 * @throws {ProcParseError} when there is no heading
 * @see Documentation/scheduler/sched-debug.rst
 * @example
 * parseSched(readFileSync('/proc/self/sched', 'utf8')).values['se.sum_exec_runtime']
 */
export function parseSched(text: string, file = 'sched'): Sched {
  const all = lines(text, file)
  // The name comes first, and may hold newlines and what looks like a heading: dashes end the true one.
  const rule = all.findIndex((place) => /^-{20,}$/.test(place.text))
  const heading = all.slice(0, Math.max(rule, 0)).map((place) => place.text).join('\n')
  const match = /^(.*) \((\d{1,10}), #threads: (\d{1,10})\)$/s.exec(heading)
  if (match === null) throw new ProcParseError(all[0] ?? { file, line: 1, text: '' }, 'name (pid, #threads: n) and a line of dashes')
  const values = Object.create(null) as Record<string, number>
  const unknown: string[] = []
  for (const place of all.slice(rule + 1)) {
    const row = /^([^:]*[^: ]) *: +(-?\d{1,20}(?:\.\d{1,9})?)$/.exec(place.text)
    if (row === null) unknown.push(place.text)
    else values[row[1]!.trim()] = Number(row[2])
  }
  return { comm: match[1]!, pid: Number(match[2]), threads: Number(match[3]), values, unknown }
}
