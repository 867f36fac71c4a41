import { exactInteger, hexadecimal } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import { allRecords, type BeginRecords, everyLine } from './records.ts'

/**
 * One mapping of a process's memory.
 *
 * @see proc(5) /proc/pid/maps
 */
export interface MemoryMapping {
  readonly start: bigint
  /** The first address after the mapping. */
  readonly end: bigint
  readonly read: boolean
  readonly write: boolean
  readonly execute: boolean
  /** false is private, copy on write. */
  readonly shared: boolean
  readonly offsetBytes: bigint
  readonly major: number
  readonly minor: number
  readonly inode: bigint
  /**
   * File, `[heap]`, `[stack]`, `[vdso]`, `[anon:name]`, `anon_inode:…` or absent. A newline in a file's name is undone
   * from `\012`; the kernel does not escape the backslash itself. ` (deleted)` is the kernel's mark, or the name's end.
   */
  readonly pathname?: string
}

const LINE = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-])([w-])([x-])([sp]) ([0-9a-f]{1,16}) ([0-9a-f]{1,8}):([0-9a-f]{1,8}) (\d{1,20})(?: *$| +(.*)$)/

/** The mapping of a line of maps; undefined when the line is none. */
export function mappingOf(place: Place): MemoryMapping | undefined {
  const match = LINE.exec(place.text)
  if (match === null) return undefined
  const [, start, end, r, w, x, s, offset, major, minor, inode, pathname] = match
  const mapping = {
    start: hexadecimal(start, place),
    end: hexadecimal(end, place),
    read: r === 'r',
    write: w === 'w',
    execute: x === 'x',
    shared: s === 's',
    offsetBytes: hexadecimal(offset, place),
    major: Number.parseInt(major!, 16),
    minor: Number.parseInt(minor!, 16),
    inode: exactInteger(inode, place),
  }
  return pathname === undefined ? mapping : { ...mapping, pathname: pathname.replaceAll('\\012', '\n') }
}

export const mappingRecords: BeginRecords<MemoryMapping> = everyLine((place) => {
  const mapping = mappingOf(place)
  if (mapping === undefined) throw new ProcParseError(place, 'start-end perms offset major:minor inode pathname')
  return mapping
})

/**
 * The mappings of a /proc/PID/maps text, by address; none for a kernel thread or a zombie.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/pid/maps
 * @example
 * parseMaps(readFileSync('/proc/self/maps', 'utf8')).filter((mapping) => mapping.execute).length
 */
export function parseMaps(text: string, file = 'maps'): MemoryMapping[] {
  return allRecords(mappingRecords, text, file)
}
