import { hexadecimalQuantity } from './integer.ts'

// Bits from 0 on, as core(5) describes them.
const KINDS = [
  'anonymous-private', 'anonymous-shared', 'file-private', 'file-shared', 'elf-headers', 'huge-private', 'huge-shared', 'dax-private', 'dax-shared',
] as const

/** A kind of mapping that is written to a core dump. */
export type CoredumpKind = (typeof KINDS)[number] | `bit_${number}`

const BITS = 32

/**
 * What a /proc/PID/coredump_filter text lets into a core dump; nothing for a process without memory, whose text is empty.
 *
 * @throws {ProcParseError} when it is no hexadecimal number
 * @see core(5) Controlling which mappings are written to the core dump
 * @example
 * parseCoredumpFilter('00000001\n') // ['anonymous-private']
 */
export function parseCoredumpFilter(text: string, file = 'coredump_filter'): CoredumpKind[] {
  if (text === '') return []
  const mask = hexadecimalQuantity(text.trim(), { file, line: 1, text: text.split('\n', 1)[0]! })
  return Array.from({ length: BITS }, (_, bit) => bit).filter((bit) => Math.floor(mask / 2 ** bit) % 2 === 1).map((bit) => KINDS[bit] ?? `bit_${bit}` as const)
}
