import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

/** A line of interrupts, or a kind of softirq. */
export interface Interrupt {
  /** A number, or the name of an architecture's own: `NMI`, `LOC`, `ERR`; of softirqs: `TIMER`, `NET_RX`. */
  readonly name: string
  /** By processor number. A counter that is not kept per processor, such as ERR, is under 0. */
  readonly counts: ReadonlyMap<number, number>
  /** Controller, trigger and drivers, blanks made single: `IO-APIC 2-edge timer`; empty for softirqs. */
  readonly description: string
}

function processors(place: Place): number[] {
  const names = place.text.trim().split(/ +/)
  return names.map((name) => {
    if (!/^CPU\d{1,5}$/.test(name)) throw new ProcParseError(place, 'a heading of CPU0, CPU1, …')
    return Number(name.slice(3))
  })
}

function table(text: string, file: string): Interrupt[] {
  const [heading, ...rows] = lines(text, file)
  const cpus = processors(heading ?? { file, line: 1, text: '' })
  return rows.filter((place) => place.text.trim() !== '').map((place) => {
    const colon = place.text.indexOf(':')
    if (colon < 1) throw new ProcParseError(place, 'name: counts')
    const found = place.text.slice(colon + 1).trim().split(/ +/)
    const counts = new Map<number, number>()
    let column = 0
    while (column < cpus.length && /^\d+$/.test(found[column] ?? '')) counts.set(cpus[column]!, integer(found[column++], place))
    if (column === 0) throw new ProcParseError(place, 'a count')
    return { name: place.text.slice(0, colon).trim(), counts, description: found.slice(column).join(' ') }
  })
}

/**
 * The interrupts of a /proc/interrupts text, since boot.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/interrupts
 * @example
 * parseInterrupts(readFileSync('/proc/interrupts', 'utf8')).find(({ name }) => name === 'LOC')?.counts.get(0)
 */
export function parseInterrupts(text: string, file = 'interrupts'): Interrupt[] {
  return table(text, file)
}

/**
 * The kinds of softirq of a /proc/softirqs text, since boot.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/softirqs
 * @example
 * parseSoftirqs(readFileSync('/proc/softirqs', 'utf8')).find(({ name }) => name === 'NET_RX')?.counts
 */
export function parseSoftirqs(text: string, file = 'softirqs'): Interrupt[] {
  return table(text, file)
}
