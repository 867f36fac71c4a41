/** How far the clocks of a time namespace are ahead of the host's. See time_namespaces(7). */
export interface TimeOffsets {
  /** CLOCK_MONOTONIC, and its COARSE and RAW forms. */
  readonly monotonic?: TimeOffset
  /** CLOCK_BOOTTIME and CLOCK_BOOTTIME_ALARM, and what /proc/uptime shows. */
  readonly boottime?: TimeOffset
}

/** Seconds, which may be negative, and 0 to 999999999 nanoseconds that are added to them: half a second back is -1 and 500000000. */
export interface TimeOffset {
  readonly seconds: number
  readonly nanoseconds: number
}

/** KTIME_SEC_MAX in include/linux/ktime.h */
const mostSeconds = 9_223_372_036

/**
 * The offsets in the text of a /proc/PID/timens_offsets.
 *
 * @throws SyntaxError a line is not a clock and two numbers
 * @example
 * parseTimeOffsets('monotonic           0         0\nboottime        86400         0\n').boottime // { seconds: 86400, nanoseconds: 0 }
 */
export function parseTimeOffsets(text: string, file = 'timens_offsets'): TimeOffsets {
  const found: { -readonly [K in keyof TimeOffsets]: TimeOffset } = {}
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue
    const [, clock, seconds, nanoseconds] = /^\s*(monotonic|boottime)\s+(-?\d{1,10})\s+(\d{1,9})\s*$/.exec(line) ?? []
    if (clock === undefined) throw new SyntaxError(`${file}, line ${i + 1}: ${JSON.stringify(line)} is not a clock and two numbers`)
    found[clock as keyof TimeOffsets] = { seconds: Number(seconds), nanoseconds: Number(nanoseconds) }
  }
  return found
}

/**
 * The text that is written to timens_offsets: one line a clock.
 *
 * @throws RangeError an offset that the kernel would not take whatever its clock shows
 */
export function timeOffsetsText(offsets: TimeOffsets): string {
  return (['monotonic', 'boottime'] as const).flatMap((clock) => {
    const offset = offsets[clock]
    if (offset === undefined) return []
    const { seconds, nanoseconds } = offset
    if (!Number.isInteger(seconds) || Math.abs(seconds) > mostSeconds) throw new RangeError(`Cannot move ${clock} by ${seconds} seconds: they are whole, and at most ${mostSeconds}`)
    if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > 999_999_999) throw new RangeError(`Cannot move ${clock} by ${nanoseconds} nanoseconds: they are 0 to 999999999, also where the seconds are negative`)
    return [`${clock} ${seconds} ${nanoseconds}\n`]
  }).join('')
}
