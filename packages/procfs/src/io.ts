import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * What a process and its reaped threads have read and written.
 *
 * @see proc(5) /proc/pid/io
 */
export interface Io {
  /** Through read(2) and its kin, page cache and terminals included. */
  readonly rcharBytes: number
  readonly wcharBytes: number
  readonly syscr: number
  readonly syscw: number
  /** Fetched from storage. */
  readonly readBytes: number
  /** Sent to storage, or about to be. */
  readonly writeBytes: number
  /** Of written bytes: those that a truncation made unnecessary. */
  readonly cancelledWriteBytes: number
}

const KEYS: readonly (readonly [kernelName: string, property: keyof Io])[] = [
  ['rchar', 'rcharBytes'],
  ['wchar', 'wcharBytes'],
  ['syscr', 'syscr'],
  ['syscw', 'syscw'],
  ['read_bytes', 'readBytes'],
  ['write_bytes', 'writeBytes'],
  ['cancelled_write_bytes', 'cancelledWriteBytes'],
]

/**
 * The counters of a /proc/PID/io text.
 *
 * @throws {ProcParseError} when a counter is missing or malformed
 * @see proc(5) /proc/pid/io
 * @example
 * parseIo(readFileSync('/proc/self/io', 'utf8')).readBytes // e.g. 0
 */
export function parseIo(text: string, file = 'io'): Io {
  const all = lines(text, file)
  return Object.fromEntries(KEYS.map(([kernelName, property]) => {
    const place = all.find((line) => line.text.startsWith(`${kernelName}:`))
    if (place === undefined) throw new ProcParseError(all.at(-1) ?? { file, line: 1, text }, `a line for ${kernelName}`)
    return [property, integer(place.text.slice(kernelName.length + 1).trim(), place)]
  })) as unknown as Io
}
