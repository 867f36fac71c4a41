import type { ReadFile } from './memory-stat.ts'

/** How much of the time something waited for a resource. */
export interface Pressure {
  /** At least one task waited. Absent for irq. */
  readonly some?: PressureLine
  /** All tasks waited, so nothing got done. Absent for cpu before Linux 5.13. */
  readonly full?: PressureLine
}

export interface PressureLine {
  /** Of the last 10 seconds, 0 to 100. */
  readonly avg10Percent: number
  readonly avg60Percent: number
  readonly avg300Percent: number
  /** Since the group was made. */
  readonly totalMicros: number
}

/** By resource; v2 and hybrid, which has it in the v2 hierarchy. irq since Linux 6.1. */
export interface PressureStat {
  readonly cpu?: Pressure
  readonly memory?: Pressure
  readonly io?: Pressure
  readonly irq?: Pressure
}

/**
 * The text of a pressure file: of a group, or of the machine in /proc/pressure.
 *
 * @throws SyntaxError a line that is neither `some` nor `full` with four numbers
 * @see Documentation/accounting/psi.rst
 */
export function parsePressure(text: string): Pressure {
  const lines = text.split('\n').filter((line) => line !== '').map((line, index) => {
    const match = /^(some|full) avg10=(\d+\.\d+) avg60=(\d+\.\d+) avg300=(\d+\.\d+) total=(\d+)$/.exec(line)
    if (!match) throw new SyntaxError(`pressure line ${index + 1}: not some or full with avg10, avg60, avg300 and total: ${JSON.stringify(line)}`)
    const [avg10Percent = 0, avg60Percent = 0, avg300Percent = 0, totalMicros = 0] = match.slice(2).map(Number)
    return [match[1], { avg10Percent, avg60Percent, avg300Percent, totalMicros }]
  })
  return Object.fromEntries(lines) as Pressure
}

/** @param read of the group's v2 directory: undefined also where PSI is switched off (EOPNOTSUPP) */
export function pressureStat(read: ReadFile): PressureStat | undefined {
  const found = (['cpu', 'memory', 'io', 'irq'] as const).flatMap((resource) => {
    const text = read(`${resource}.pressure`)
    return text === undefined || text === '' ? [] : [[resource, parsePressure(text)] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}
