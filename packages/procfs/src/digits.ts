const ZERO = 48
const NINE = 57
// A double holds every integer of 15 digits.
const EXACT_DIGITS = 15

/**
 * The value of the decimal digits between two positions, without making a string of them; NaN where there is anything else, or
 * more of them than a double holds exactly: then the caller has to look closer. Tables of processes are made of little else.
 */
export function plainDecimal(text: string, from: number, to: number): number {
  if (to - from > EXACT_DIGITS || to <= from) return Number.NaN
  let value = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code < ZERO || code > NINE) return Number.NaN
    value = value * 10 + (code - ZERO)
  }
  return value
}
