import { integer } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import type { Processor } from './cpuinfo.ts'

type Read = (value: string, place: Place) => unknown

const KIB = 1024

const decimal = (value: string, place: Place): number => {
  if (!/^\d{1,12}(?:\.\d{1,9})?$/.test(value)) throw new ProcParseError(place, 'a decimal fraction')
  return Number(value)
}
/** Decimal, or hexadecimal behind 0x, as arm and riscv print identifiers. */
const number: Read = (value, place) => {
  if (!/^(?:0x[0-9a-fA-F]{1,16}|\d{1,20})$/.test(value)) throw new ProcParseError(place, 'a decimal or 0x hexadecimal number')
  return Number(value)
}
const kilobytes: Read = (value, place) => {
  if (!value.endsWith(' KB')) throw new ProcParseError(place, 'a size in KB')
  return integer(value.slice(0, -3), place) * KIB
}
const yes: Read = (value, place) => {
  if (value !== 'yes' && value !== 'no') throw new ProcParseError(place, 'yes or no')
  return value === 'yes'
}
const words: Read = (value) => (value === '' ? [] : value.split(/[ \t]+/))
const asPrinted: Read = (value) => value
const addressSizes: Read = (value, place) => {
  const match = /^(\d{1,3}) bits physical, (\d{1,3}) bits virtual$/.exec(value)
  if (match === null) throw new ProcParseError(place, 'bits physical and bits virtual')
  return { physicalBits: Number(match[1]), virtualBits: Number(match[2]) }
}

const ROWS: readonly (readonly [kernelName: string, property: keyof Processor, read: Read])[] = [
  // arch/x86/kernel/cpu/proc.c
  ['vendor_id', 'vendorId', asPrinted],
  ['cpu family', 'cpuFamily', integer],
  ['model', 'model', asPrinted],
  ['model name', 'modelName', asPrinted],
  ['stepping', 'stepping', asPrinted],
  ['microcode', 'microcode', asPrinted],
  ['cpu MHz', 'mhz', decimal],
  ['cache size', 'cacheBytes', kilobytes],
  ['physical id', 'physicalId', integer],
  ['siblings', 'siblings', integer],
  ['core id', 'coreId', integer],
  ['cpu cores', 'cpuCores', integer],
  ['apicid', 'apicid', integer],
  ['initial apicid', 'initialApicid', integer],
  ['fpu', 'fpu', yes],
  ['fpu_exception', 'fpuException', yes],
  ['cpuid level', 'cpuidLevel', integer],
  ['wp', 'wp', yes],
  ['flags', 'flags', words],
  ['vmx flags', 'vmxFlags', words],
  ['bugs', 'bugs', words],
  ['bogomips', 'bogomips', decimal],
  ['TLB size', 'tlbSize', asPrinted],
  ['clflush size', 'clflushBytes', integer],
  ['cache_alignment', 'cacheAlignmentBytes', integer],
  ['address sizes', 'addressSizes', addressSizes],
  ['power management', 'powerManagement', words],
  // arch/arm/kernel/setup.c, arch/arm64/kernel/cpuinfo.c
  ['BogoMIPS', 'bogomips', decimal],
  ['Features', 'flags', words],
  ['CPU implementer', 'implementer', number],
  ['CPU architecture', 'architecture', asPrinted],
  ['CPU variant', 'variant', number],
  ['CPU part', 'part', number],
  ['CPU revision', 'revision', number],
  // arch/riscv/kernel/cpu.c
  ['hart', 'hart', integer],
  ['isa', 'isa', asPrinted],
  ['hart isa', 'hartIsa', asPrinted],
  ['mmu', 'mmu', asPrinted],
  ['uarch', 'uarch', asPrinted],
  ['mvendorid', 'mvendorid', number],
  ['marchid', 'marchid', number],
  ['mimpid', 'mimpid', number],
]

/** The lines of a processor in /proc/cpuinfo that have a field: how the kernel calls it, how {@link Processor} does, how it is read. */
export const CPUINFO_FIELDS: ReadonlyMap<string, { readonly property: keyof Processor; readonly read: Read }> =
  new Map(ROWS.map(([kernelName, property, read]) => [kernelName, { property, read }]))
