import { lines } from './lines.ts'
import { MEMORY_SIZES, type MemorySizes, sizeBytes } from './memory-sizes.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * The memory of a process in sums over its mappings. Fields that the kernel does not print are absent.
 *
 * Reading it walks every page table: milliseconds per gigabyte, where status takes microseconds.
 *
 * @see proc(5) /proc/pid/smaps_rollup
 * @see Documentation/ABI/testing/procfs-smaps_rollup
 */
export interface SmapsRollup extends MemorySizes {
  readonly sharedCleanBytes: number
  readonly sharedDirtyBytes: number
  readonly privateCleanBytes: number
  readonly privateDirtyBytes: number
  readonly anonymousBytes: number
  readonly swapBytes: number
  readonly swapPssBytes: number
  /** What of pssBytes is anonymous, of files, and of shared memory: only here, not in smaps. */
  readonly pssAnonBytes?: number
  readonly pssFileBytes?: number
  readonly pssShmemBytes?: number
  /** Lines that this package has no field for, by the kernel's name, value as printed. */
  readonly unknown: Readonly<Record<string, string>>
}

const FIELDS: ReadonlyMap<string, keyof SmapsRollup> = new Map<string, keyof SmapsRollup>([
  ...MEMORY_SIZES,
  ['Pss_Anon', 'pssAnonBytes'],
  ['Pss_File', 'pssFileBytes'],
  ['Pss_Shmem', 'pssShmemBytes'],
])
const REQUIRED = ['Rss', 'Pss', 'Shared_Clean', 'Shared_Dirty', 'Private_Clean', 'Private_Dirty', 'Anonymous', 'Swap', 'SwapPss']

/**
 * The sums of a /proc/PID/smaps_rollup text.
 *
 * @throws {ProcParseError} when a line is malformed or one of the fields is missing
 * @see proc(5) /proc/pid/smaps_rollup
 * @example
 * parseSmapsRollup(readFileSync('/proc/self/smaps_rollup', 'utf8')).pssBytes
 */
export function parseSmapsRollup(text: string, file = 'smaps_rollup'): SmapsRollup {
  const found: { -readonly [Property in keyof SmapsRollup]?: unknown } = {}
  const unknown = Object.create(null) as Record<string, string>
  const [heading, ...rows] = lines(text, file)
  if (heading === undefined || !heading.text.endsWith('[rollup]')) {
    throw new ProcParseError(heading ?? { file, line: 1, text }, 'the [rollup] line')
  }
  for (const place of rows) {
    const match = /^(\w+): *(.*)$/.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'Key: value')
    const [, key, value] = match as unknown as [string, string, string]
    const property = FIELDS.get(key)
    if (property === undefined) unknown[key] = value
    else found[property] = sizeBytes(value, place)
  }
  for (const key of REQUIRED) {
    if (!(FIELDS.get(key)! in found)) throw new ProcParseError(rows.at(-1) ?? heading, `a line for ${key} before the end`)
  }
  return { ...found, unknown } as unknown as SmapsRollup
}
