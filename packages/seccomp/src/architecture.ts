import type { Machine } from '@ctr/syscall'
import { syscallNumbers } from './syscall-numbers.ts'

/** An architecture as an OCI profile names it: those that the two machines can run. */
export type ArchitectureName = 'SCMP_ARCH_X86_64' | 'SCMP_ARCH_X86' | 'SCMP_ARCH_X32' | 'SCMP_ARCH_AARCH64' | 'SCMP_ARCH_ARM'

/** How system calls of one architecture look to a filter. */
export interface Architecture {
  readonly name: ArchitectureName
  /** struct seccomp_data's `arch`: an AUDIT_ARCH_ constant of linux/audit.h. */
  readonly token: number
  /** Its column in the table of numbers. */
  readonly column: 0 | 1 | 2 | 3 | 4
  /** Arguments are as wide as this: of 32 bits only the low half of each is looked at. */
  readonly bits: 32 | 64
  readonly machine: Machine
  /** What Docker's profile calls it, as Go does. */
  readonly go: string
  /** What people call it. */
  readonly text: string
}

/** x32's calls come with the token of x86-64 and this bit in their number (asm/unistd.h). */
export const x32Bit = 0x40000000

/** linux/audit.h: the ELF machine, with bit 31 for 64 bits and bit 30 for little-endian. */
export const architectures: Readonly<Record<ArchitectureName, Architecture>> = {
  SCMP_ARCH_X86_64: { name: 'SCMP_ARCH_X86_64', token: 0xc000003e, column: 0, bits: 64, machine: 'x64', go: 'amd64', text: 'x86-64' },
  SCMP_ARCH_X86: { name: 'SCMP_ARCH_X86', token: 0x40000003, column: 1, bits: 32, machine: 'x64', go: 'x86', text: 'x86' },
  SCMP_ARCH_X32: { name: 'SCMP_ARCH_X32', token: 0xc000003e, column: 2, bits: 32, machine: 'x64', go: 'x32', text: 'x32' },
  SCMP_ARCH_AARCH64: { name: 'SCMP_ARCH_AARCH64', token: 0xc00000b7, column: 3, bits: 64, machine: 'arm64', go: 'arm64', text: 'arm64' },
  SCMP_ARCH_ARM: { name: 'SCMP_ARCH_ARM', token: 0x40000028, column: 4, bits: 32, machine: 'arm64', go: 'arm', text: 'arm' },
}

export const nativeArchitecture: Readonly<Record<Machine, Architecture>> = { x64: architectures.SCMP_ARCH_X86_64, arm64: architectures.SCMP_ARCH_AARCH64 }

/**
 * Architectures that a profile may name and that neither x86-64 nor arm64 can run: their calls never reach the filter, so it has nothing for them.
 *
 * @see the runtime specification, config-linux.md, Seccomp
 */
export const foreignArchitectures: readonly string[] = [
  'SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64', 'SCMP_ARCH_MIPS64N32', 'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL64N32', 'SCMP_ARCH_PPC', 'SCMP_ARCH_PPC64', 'SCMP_ARCH_PPC64LE',
  'SCMP_ARCH_S390', 'SCMP_ARCH_S390X', 'SCMP_ARCH_PARISC', 'SCMP_ARCH_PARISC64', 'SCMP_ARCH_RISCV64', 'SCMP_ARCH_LOONGARCH64', 'SCMP_ARCH_M68K', 'SCMP_ARCH_SH', 'SCMP_ARCH_SHEB',
]

/** The architectures of a profile that the machine runs, its own first: that one is in every filter. */
export function architecturesOf(names: readonly string[] | null | undefined, machine: Machine): readonly Architecture[] {
  const native = nativeArchitecture[machine]
  const asked = Object.values(architectures).filter((architecture) => architecture.machine === machine && names?.includes(architecture.name))
  return [native, ...asked.filter((architecture) => architecture !== native)]
}

/** The row of a system call in the table of numbers. */
export const rowOf = (name: string): readonly number[] | undefined => (Object.hasOwn(syscallNumbers, name) ? syscallNumbers[name] : undefined)

/** The number of a system call on an architecture, x32's with its bit; undefined where it has no such call. */
export function numberOf(name: string, { column }: Architecture): number | undefined {
  const number = rowOf(name)?.[column]
  return number === -1 ? undefined : number
}

/** By column: a table of 500 rows is looked through once. */
const named = new Map<number, ReadonlyMap<number, string>>()

function namesByNumber({ column }: Architecture): ReadonlyMap<number, string> {
  let known = named.get(column)
  if (known === undefined) {
    const rows = Object.entries(syscallNumbers).filter(([, row]) => row[column] !== -1)
    named.set(column, (known = new Map(rows.map(([name, row]) => [row[column], name] as const).sort(([a], [b]) => a - b))))
  }
  return known
}

/** The name of a system call by its number. */
export const nameOf = (number: number, architecture: Architecture): string | undefined => namesByNumber(architecture).get(number)

/** Every number that the architecture has a call for, in order. */
export const numbersOf = (architecture: Architecture): readonly number[] => [...namesByNumber(architecture).keys()]
