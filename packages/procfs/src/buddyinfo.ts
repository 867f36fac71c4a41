import { integers } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** Free memory of a zone by the size of its pieces. */
export interface FreeAreas {
  readonly node: number
  readonly zone: string
  /** Free pieces of 2^index pages. */
  readonly free: readonly number[]
}

/**
 * The zones of a /proc/buddyinfo text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/buddyinfo
 * @example
 * parseBuddyinfo('Node 0, zone DMA 1 0 3\n')[0]?.free // [1, 0, 3]
 */
export function parseBuddyinfo(text: string, file = 'buddyinfo'): FreeAreas[] {
  return lines(text, file).map((place) => {
    const match = /^Node +(\d{1,5}), zone +(\S+) +([\d ]*)$/.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'Node n, zone name and counts')
    return { node: Number(match[1]), zone: match[2]!, free: integers(match[3]!, place) }
  })
}
