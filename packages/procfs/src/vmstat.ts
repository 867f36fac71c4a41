import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * Counters of virtual memory by the kernel's name. `nr_…` are pages (or what the name says) now; the others count since boot;
 * `pgpgin` and `pgpgout` are in KiB, everything else that is memory in pages.
 *
 * @see proc(5) /proc/vmstat
 */
export type Vmstat = Readonly<Record<string, number>>

/**
 * The counters of a /proc/vmstat text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/vmstat
 * @example
 * parseVmstat('oom_kill 2\n').oom_kill // 2
 */
export function parseVmstat(text: string, file = 'vmstat'): Vmstat {
  const counters = Object.create(null) as Record<string, number>
  for (const place of lines(text, file)) {
    const blank = place.text.indexOf(' ')
    if (blank < 1) throw new ProcParseError(place, 'a name and a value')
    counters[place.text.slice(0, blank)] = integer(place.text.slice(blank + 1).trim(), place)
  }
  return counters
}
