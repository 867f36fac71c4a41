import { integer } from './integer.ts'
import { mappingOf, type MemoryMapping } from './maps.ts'
import { MEMORY_SIZES, type MemorySizes, sizeBytes } from './memory-sizes.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import { allRecords, type BeginRecords } from './records.ts'

/**
 * A mapping and how much memory is behind it. Fields that the kernel does not print are absent.
 *
 * @see proc(5) /proc/pid/smaps
 */
export interface MemoryUse extends MemoryMapping, MemorySizes {
  readonly sizeBytes: number
  readonly kernelPageSizeBytes?: number
  readonly mmuPageSizeBytes?: number
  /** Whether transparent huge pages may be used. */
  readonly thpEligible?: boolean
  readonly protectionKey?: number
  /** Two letters each, of show_smap_vma_flags(): `rd`, `wr`, `ex`, `sh`, `mr`, `io`, … */
  readonly vmFlags?: readonly string[]
  /** Lines that this package has no field for, by the kernel's name, value as printed. */
  readonly unknown: Readonly<Record<string, string>>
}

const SIZES: ReadonlyMap<string, keyof MemoryUse> = new Map<string, keyof MemoryUse>([
  ['Size', 'sizeBytes'],
  ['KernelPageSize', 'kernelPageSizeBytes'],
  ['MMUPageSize', 'mmuPageSizeBytes'],
  ...MEMORY_SIZES,
])

const REQUIRED = [['Size', 'sizeBytes'], ['Rss', 'rssBytes'], ['Pss', 'pssBytes']] as const

interface Building {
  readonly fields: Record<string, unknown>
  readonly unknown: Record<string, string>
}

function add({ fields, unknown }: Building, place: Place): void {
  const match = /^(\w+): *(.*?) *$/.exec(place.text)
  if (match === null) throw new ProcParseError(place, 'Key: value, or the line of a mapping')
  const [, key, value] = match as unknown as [string, string, string]
  const size = SIZES.get(key)
  if (size !== undefined) fields[size] = sizeBytes(value, place)
  else if (key === 'VmFlags') fields['vmFlags'] = value === '' ? [] : value.split(/ +/)
  else if (key === 'THPeligible') fields['thpEligible'] = integer(value, place) !== 0
  else if (key === 'ProtectionKey') fields['protectionKey'] = integer(value, place)
  else unknown[key] = value
}

export const memoryUseRecords: BeginRecords<MemoryUse> = () => {
  let pending: Building | undefined
  let last: Place | undefined
  const whole = (): MemoryUse | undefined => {
    const missing = pending && REQUIRED.find(([, property]) => !(property in pending!.fields))
    if (missing !== undefined) throw new ProcParseError(last!, `a line for ${missing[0]} before the end of the mapping`)
    return pending && { ...pending.fields, unknown: pending.unknown } as unknown as MemoryUse
  }
  return {
    line: (place) => {
      const mapping = mappingOf(place)
      if (mapping === undefined) {
        if (pending === undefined) throw new ProcParseError(place, 'the line of a mapping')
        add(pending, place)
        last = place
        return undefined
      }
      const done = whole()
      pending = { fields: { ...mapping }, unknown: Object.create(null) as Record<string, string> }
      last = place
      return done
    },
    end: whole,
  }
}

/**
 * The mappings of a /proc/PID/smaps text, by address; none for a kernel thread or a zombie.
 *
 * The kernel walks every page table for it: milliseconds per gigabyte. smaps_rollup has the sums.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/pid/smaps
 * @example
 * parseSmaps(readFileSync('/proc/self/smaps', 'utf8')).reduce((sum, { pssBytes }) => sum + pssBytes, 0)
 */
export function parseSmaps(text: string, file = 'smaps'): MemoryUse[] {
  return allRecords(memoryUseRecords, text, file)
}
