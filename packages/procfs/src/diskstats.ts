import { columns } from './columns.ts'
import { integer } from './integer.ts'
import { lines } from './lines.ts'

/** Requests of one kind. */
export interface DiskRequests {
  readonly completed: number
  /** Joined with an adjacent one before they were queued. */
  readonly merged: number
  readonly bytes: number
  readonly millis: number
}

/**
 * Input and output of a block device since boot. The kernel's counters of milliseconds have 32 bits and wrap.
 *
 * @see Documentation/admin-guide/iostats.rst
 */
export interface Diskstats {
  readonly major: number
  readonly minor: number
  readonly name: string
  readonly read: DiskRequests
  readonly write: DiskRequests
  /** Requests under way now. */
  readonly inFlight: number
  /** Time with at least one request under way. */
  readonly ioMillis: number
  /** The same, times the requests under way. */
  readonly weightedMillis: number
  /** @since Linux 4.18 */
  readonly discard?: DiskRequests
  /** @since Linux 5.5 */
  readonly flush?: { readonly completed: number; readonly millis: number }
}

// Whatever the device's block size: include/linux/blk_types.h SECTOR_SIZE.
const SECTOR_BYTES = 512

/**
 * The block devices of a /proc/diskstats text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/diskstats
 * @example
 * parseDiskstats(readFileSync('/proc/diskstats', 'utf8')).find(({ name }) => name === 'vda')?.read.bytes
 */
export function parseDiskstats(text: string, file = 'diskstats'): Diskstats[] {
  return lines(text, file).map((place) => {
    const [major, minor, name, ...rest] = columns(place, 14, 'major, minor, name and eleven counters')
    const values = rest.map((column) => integer(column, place))
    const requests = (at: number): DiskRequests => ({
      completed: values[at]!, merged: values[at + 1]!, bytes: values[at + 2]! * SECTOR_BYTES, millis: values[at + 3]!,
    })
    return {
      major: integer(major, place),
      minor: integer(minor, place),
      name: name!,
      read: requests(0),
      write: requests(4),
      inFlight: values[8]!,
      ioMillis: values[9]!,
      weightedMillis: values[10]!,
      ...(values.length < 15 ? {} : { discard: requests(11) }),
      ...(values.length < 17 ? {} : { flush: { completed: values[15]!, millis: values[16]! } }),
    }
  })
}
