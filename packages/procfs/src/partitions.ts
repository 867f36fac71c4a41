import { columns } from './columns.ts'
import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** A block device with its size: disks as well as partitions. */
export interface Partition {
  readonly major: number
  readonly minor: number
  readonly bytes: number
  readonly name: string
}

const BLOCK_BYTES = 1024

/**
 * The block devices of a /proc/partitions text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/partitions
 * @example
 * parsePartitions('major minor  #blocks  name\n\n 254  0  1024 vda\n')[0]?.bytes // 1048576
 */
export function parsePartitions(text: string, file = 'partitions'): Partition[] {
  const [heading, ...rows] = lines(text, file)
  // Without any device the kernel prints no heading either.
  if (heading === undefined) return []
  if (!heading.text.startsWith('major')) throw new ProcParseError(heading, 'a heading that begins with "major"')
  return rows.filter((place) => place.text.trim() !== '').map((place) => {
    const [major, minor, blocks, name] = columns(place, 4, 'major, minor, blocks and name')
    return { major: integer(major, place), minor: integer(minor, place), bytes: integer(blocks, place) * BLOCK_BYTES, name: name! }
  })
}
