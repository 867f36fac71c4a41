import { integer, integers } from './integer.ts'
import { lines } from './lines.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

/**
 * Time that processors spent in each kind of work, in ticks of 1/100 second.
 *
 * guestTicks are part of userTicks, and guestNiceTicks of niceTicks: do not add them again.
 *
 * @see proc(5) /proc/stat
 */
export interface CpuTime {
  readonly userTicks: number
  readonly niceTicks: number
  readonly systemTicks: number
  /** Can go backwards: the kernel does not promise otherwise. */
  readonly idleTicks: number
  readonly iowaitTicks: number
  readonly irqTicks: number
  readonly softirqTicks: number
  readonly stealTicks: number
  readonly guestTicks: number
  readonly guestNiceTicks: number
}

/**
 * Kernel and system statistics since boot.
 *
 * @see proc(5) /proc/stat
 */
export interface SystemStat {
  /** All processors together. */
  readonly cpu: CpuTime
  /** By processor number; one that is offline is absent. */
  readonly cpus: ReadonlyMap<number, CpuTime>
  readonly interrupts: number
  readonly contextSwitches: number
  /** Seconds since 1970, UTC; it moves when the clock is set. */
  readonly bootTimeSeconds: number
  /** Forks since boot. */
  readonly processes: number
  readonly procsRunning: number
  readonly procsBlocked: number
  readonly softirqs: number
  /** Lines that this package has no field for, by their first word. */
  readonly unknown: Readonly<Record<string, string>>
}

function cpuTime(values: number[], place: Place): CpuTime {
  // iowait to guest_nice came between Linux 2.5.41 and 2.6.33; text that has fewer is cut off.
  if (values.length < 10) throw new ProcParseError(place, 'ten times')
  const [
    userTicks, niceTicks, systemTicks, idleTicks, iowaitTicks, irqTicks, softirqTicks, stealTicks, guestTicks, guestNiceTicks,
  ] = values as [number, number, number, number, number, number, number, number, number, number]
  return { userTicks, niceTicks, systemTicks, idleTicks, iowaitTicks, irqTicks, softirqTicks, stealTicks, guestTicks, guestNiceTicks }
}

const SINGLE: ReadonlyMap<string, keyof SystemStat> = new Map([
  ['intr', 'interrupts'],
  ['ctxt', 'contextSwitches'],
  ['btime', 'bootTimeSeconds'],
  ['processes', 'processes'],
  ['procs_running', 'procsRunning'],
  ['procs_blocked', 'procsBlocked'],
  ['softirq', 'softirqs'],
])

/**
 * The statistics of a /proc/stat text. Of `intr` and `softirq` only the total is kept.
 *
 * @throws {ProcParseError} when a line is malformed or one of the fields is missing
 * @see proc(5) /proc/stat
 * @example
 * parseSystemStat(readFileSync('/proc/stat', 'utf8')).cpus.size // e.g. 2
 */
export function parseSystemStat(text: string, file = 'stat'): SystemStat {
  const found: { -readonly [Property in keyof SystemStat]?: unknown } = {}
  const cpus = new Map<number, CpuTime>()
  const unknown = Object.create(null) as Record<string, string>
  const all = lines(text, file)
  for (const place of all) {
    const blank = place.text.indexOf(' ')
    if (blank < 1) throw new ProcParseError(place, 'a word and numbers')
    const key = place.text.slice(0, blank)
    const value = place.text.slice(blank + 1)
    const property = SINGLE.get(key)
    if (key === 'cpu') found.cpu = cpuTime(integers(value, place), place)
    else if (/^cpu\d+$/.test(key)) cpus.set(integer(key.slice(3), place), cpuTime(integers(value, place), place))
    else if (property !== undefined) found[property] = integer(value.split(' ', 1)[0], place)
    else unknown[key] = value.trim()
  }
  for (const [key, property] of [['cpu', 'cpu'], ...SINGLE] as const) {
    if (!(property in found)) throw new ProcParseError(all.at(-1) ?? { file, line: 1, text }, `a line for ${key} before the end`)
  }
  return { ...found, cpus, unknown } as SystemStat
}
