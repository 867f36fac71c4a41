import { columns } from './columns.ts'
import { integer } from './integer.ts'
import { unescapeOctal } from './octal-escape.ts'
import { allRecords, type BeginRecords, everyLine, underHeading } from './records.ts'

/** A swap area that is in use. */
export interface Swap {
  /** Octal escapes undone; ` (deleted)` at its end when the file is gone. */
  readonly filename: string
  readonly type: 'partition' | 'file' | (string & {})
  readonly sizeBytes: number
  readonly usedBytes: number
  readonly priority: number
}

const KIB = 1024

const swapRecords: BeginRecords<Swap> = underHeading('Filename', everyLine((place) => {
  const [filename, type, size, used, priority] = columns(place, 5, 'filename, type, size, used and priority')
  return {
    filename: unescapeOctal(filename!),
    type: type!,
    sizeBytes: integer(size, place) * KIB,
    usedBytes: integer(used, place) * KIB,
    priority: integer(priority, place),
  }
}))

/**
 * The swap areas of a /proc/swaps text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/swaps
 * @example
 * parseSwaps(readFileSync('/proc/swaps', 'utf8')).reduce((sum, { usedBytes }) => sum + usedBytes, 0)
 */
export function parseSwaps(text: string, file = 'swaps'): Swap[] {
  return allRecords(swapRecords, text, file)
}
