import { exactInteger } from './integer.ts'
import { columns } from './columns.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** How far the clocks of the time namespace for children are from the initial one. @see time_namespaces(7) */
export interface TimensOffsets {
  readonly monotonicNanos: bigint
  readonly boottimeNanos: bigint
}

const SECOND = 1_000_000_000n

/**
 * The offsets of a /proc/PID/timens_offsets text.
 *
 * @throws {ProcParseError} when one of the two clocks is missing
 * @see time_namespaces(7) /proc/pid/timens_offsets
 * @example
 * parseTimensOffsets('monotonic -1 5\nboottime 0 0\n').monotonicNanos // -999999995n
 */
export function parseTimensOffsets(text: string, file = 'timens_offsets'): TimensOffsets {
  const found = new Map<string, bigint>()
  const all = lines(text, file)
  for (const place of all) {
    const [clock, seconds, nanos] = columns(place, 3, 'clock, seconds and nanoseconds')
    found.set(clock!, exactInteger(seconds, place) * SECOND + exactInteger(nanos, place))
  }
  const monotonicNanos = found.get('monotonic')
  const boottimeNanos = found.get('boottime')
  if (monotonicNanos === undefined || boottimeNanos === undefined) throw new ProcParseError(all.at(-1) ?? { file, line: 1, text: '' }, 'monotonic and boottime')
  return { monotonicNanos, boottimeNanos }
}
