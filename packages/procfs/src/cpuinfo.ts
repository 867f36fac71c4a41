import { CPUINFO_FIELDS } from './cpuinfo-fields.ts'
import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * One logical processor. What is there depends on the architecture; a line without a field here is in `unknown`.
 *
 * @see proc(5) /proc/cpuinfo, Documentation/arch/arm64/cpu-feature-registers.rst
 */
export interface Processor {
  /** Its number, the N of cpuN in /proc/stat. */
  readonly processor: number
  readonly vendorId?: string
  readonly cpuFamily?: number
  /** As printed: a number on x86, a name on others. */
  readonly model?: string
  readonly modelName?: string
  /** As printed: `unknown` on processors without. */
  readonly stepping?: string
  readonly microcode?: string
  /** Of the moment. */
  readonly mhz?: number
  readonly cacheBytes?: number
  /** The package. */
  readonly physicalId?: number
  /** Logical processors of the package. */
  readonly siblings?: number
  readonly coreId?: number
  /** Cores of the package. */
  readonly cpuCores?: number
  readonly apicid?: number
  readonly initialApicid?: number
  readonly fpu?: boolean
  readonly fpuException?: boolean
  readonly cpuidLevel?: number
  readonly wp?: boolean
  /** x86 `flags`, arm `Features`. */
  readonly flags?: readonly string[]
  readonly vmxFlags?: readonly string[]
  readonly bugs?: readonly string[]
  readonly bogomips?: number
  readonly tlbSize?: string
  readonly clflushBytes?: number
  readonly cacheAlignmentBytes?: number
  readonly addressSizes?: { readonly physicalBits: number; readonly virtualBits: number }
  readonly powerManagement?: readonly string[]
  /** arm: 0x41 is Arm. */
  readonly implementer?: number
  readonly architecture?: string
  readonly variant?: number
  readonly part?: number
  readonly revision?: number
  /** riscv: the hardware thread. */
  readonly hart?: number
  /** riscv: what all hardware threads have; `hartIsa` is what this one has. */
  readonly isa?: string
  readonly hartIsa?: string
  /** riscv: `sv39`, `sv48`. */
  readonly mmu?: string
  readonly uarch?: string
  readonly mvendorid?: number
  readonly marchid?: number
  readonly mimpid?: number
  /** By the kernel's name, as printed. */
  readonly unknown: Readonly<Record<string, string>>
}

/** The processors, and what is said of the machine. */
export interface Cpuinfo {
  readonly processors: readonly Processor[]
  /** Lines that are of no processor, by the kernel's name: `Hardware`, `Revision`, `Serial` on arm. */
  readonly machine: Readonly<Record<string, string>>
}

const table = (): Record<string, string> => Object.create(null) as Record<string, string>

/**
 * The processors of a /proc/cpuinfo text of x86, arm, arm64, riscv or another architecture that has a `processor : N` line
 * (on s390x `cpu number : N`) at the head of each.
 *
 * @throws {ProcParseError} when a line is not `key : value`, or the value of a known one is malformed
 * @see proc(5) /proc/cpuinfo
 * @example
 * parseCpuinfo(readFileSync('/proc/cpuinfo', 'utf8')).processors[0]?.flags?.includes('avx2')
 */
export function parseCpuinfo(text: string, file = 'cpuinfo'): Cpuinfo {
  const processors: Processor[] = []
  const machine = table()
  let current: Record<string, unknown> | undefined
  let unknown = table()
  for (const place of lines(text, file)) {
    if (place.text.trim() === '') {
      current = undefined
      continue
    }
    const colon = place.text.indexOf(':')
    if (colon < 1) throw new ProcParseError(place, 'key : value')
    const key = place.text.slice(0, colon).trim()
    const value = place.text.slice(colon + 1).trim()
    // arm before Linux 3.8 begins with "Processor : name", which is the machine's.
    if ((key === 'processor' || key === 'cpu number') && /^\d+$/.test(value)) {
      unknown = table()
      current = { processor: integer(value, place), unknown }
      processors.push(current as unknown as Processor)
      continue
    }
    const field = CPUINFO_FIELDS.get(key)
    if (current === undefined) machine[key] = value
    else if (field === undefined) unknown[key] = value
    else current[field.property] = field.read(value, place)
  }
  return { processors, machine }
}
