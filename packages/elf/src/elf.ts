import type { Machine } from './registers.ts'

// Constants: elf(5) and linux/elf.h; machines: linux/elf-em.h.
const EM = { x64: 62 /* EM_X86_64 */, arm64: 183 /* EM_AARCH64 */ } as const
const ET_EXEC = 2
const PT_LOAD = 1
const PT_GNU_STACK = 0x6474e551
const PF = { X: 1, W: 2, R: 4 } as const
const HEADER = 64 // sizeof(Elf64_Ehdr)
const SEGMENT = 56 // sizeof(Elf64_Phdr)

/** The largest page a kernel for the machine may have: arm64 is built with pages of 4, 16 or 64 KiB. */
export const pageSize: Readonly<Record<Machine, number>> = { x64: 4096, arm64: 65536 }

/** Where the file's first byte is mapped: the classic address of static executables, far above vm.mmap_min_addr. */
export const baseAddress = 0x400000

/** Where the code starts, in every file this writes: behind the headers, so that `align(n)` holds up to 256 in memory too. */
export const codeAddress = 0x400100

/** The end of the lower half on both machines, with the last page left out (TASK_SIZE with 47 bits). */
const topAddress = 2 ** 47 - 65536

/** What goes into an executable. */
export interface Executable {
  readonly machine: Machine
  /** Position-independent machine code, mapped readable and executable. */
  readonly code: Uint8Array
  /** Bytes for the data segment, mapped readable and writable. */
  readonly data?: Uint8Array
  /** Where the data is mapped: a multiple of the page size (65536 for arm64). */
  readonly dataAddress?: number
  /** Bytes of zeros behind the data that take no room in the file. */
  readonly zeroed?: number
  /** Where to start, in bytes from the start of the code; 0 if left out. */
  readonly entry?: number
  /** Maps the data segment without write permission. */
  readonly readOnly?: boolean
}

const up = (value: number, to: number): number => Math.ceil(value / to) * to
const whole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/**
 * Writes a static executable: code readable and executable, data writable, never both.
 *
 * There are no sections and no symbols. The stack is not executable. On arm64 data starts at a multiple of 64 KiB in
 * the file too, so that it loads on kernels with any page size: code alone, and zeroed memory, cost nothing.
 *
 * @param executable the code, and what else is to be mapped
 * @returns the file's bytes; the same input gives the same bytes
 * @throws {TypeError} when a part has the wrong type or contradicts another
 * @throws {RangeError} when an address, a size or the entry is out of its range
 * @see elf(5), execve(2)
 *
 * @example
 * ```ts
 * import { assembler, elf } from '@ctr/elf'
 *
 * const a = assembler('x64')
 * a.mov('nr', 60) // exit
 * a.mov('a0', 7)
 * a.syscall()
 * const image = elf({ machine: 'x64', code: a.code() }) // 268 bytes
 * ```
 */
export function elf(executable: Executable): Uint8Array {
  const { machine, code, data = new Uint8Array(), dataAddress, zeroed = 0, entry = 0, readOnly = false } = executable
  check(executable)
  const page = pageSize[machine]
  const start = codeAddress - baseAddress
  const hasData = data.length + zeroed > 0
  // With nothing in the file, offset 0 agrees with any page-aligned address (elf(5): p_vaddr and p_offset are congruent).
  const dataOffset = data.length > 0 ? up(start + code.length, page) : 0

  const file = new Uint8Array(data.length > 0 ? dataOffset + data.length : start + code.length)
  const view = new DataView(file.buffer)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2 /* ELFCLASS64 */, 1 /* ELFDATA2LSB */, 1 /* EV_CURRENT */]) // e_ident
  view.setUint16(16, ET_EXEC, true)
  view.setUint16(18, EM[machine], true)
  view.setUint32(20, 1, true) // e_version
  view.setBigUint64(24, BigInt(codeAddress + entry), true)
  view.setBigUint64(32, BigInt(HEADER), true) // e_phoff
  view.setUint16(52, HEADER, true) // e_ehsize
  view.setUint16(54, SEGMENT, true) // e_phentsize

  let segments = 0
  const segment = (type: number, flags: number, offset: number, address: number, inFile: number, inMemory: number, align: number): void => {
    const at = HEADER + segments++ * SEGMENT
    view.setUint32(at, type, true)
    view.setUint32(at + 4, flags, true)
    const words = [offset, address, address, inFile, inMemory, align]
    words.forEach((word, i) => view.setBigUint64(at + 8 + 8 * i, BigInt(word), true))
  }
  segment(PT_LOAD, PF.R | PF.X, 0, baseAddress, start + code.length, start + code.length, page)
  if (hasData) segment(PT_LOAD, readOnly ? PF.R : PF.R | PF.W, dataOffset, dataAddress!, data.length, data.length + zeroed, page)
  segment(PT_GNU_STACK, PF.R | PF.W, 0, 0, 0, 0, 16)
  view.setUint16(56, segments, true) // e_phnum

  file.set(code, start)
  file.set(data, dataOffset)
  return file
}

function check({ machine, code, data = new Uint8Array(), dataAddress, zeroed = 0, entry = 0, readOnly = false }: Executable): void {
  if (!Object.hasOwn(EM, machine)) throw new TypeError(`Cannot write an ELF for machine ${JSON.stringify(machine)}: it is not one of ${Object.keys(EM).join(', ')}`)
  if (!(code instanceof Uint8Array) || code.length === 0) throw new TypeError(`Cannot write an ELF with code ${code instanceof Uint8Array ? 'of 0 bytes' : String(code)}`)
  if (!(data instanceof Uint8Array)) throw new TypeError(`Cannot write an ELF with data ${String(data)}: it is not a Uint8Array`)
  if (!whole(zeroed)) throw new RangeError(`Cannot append ${zeroed} zeroed bytes`)
  if (!whole(entry) || entry >= code.length) throw new RangeError(`Cannot start at offset ${entry} of ${code.length} bytes of code`)
  if (readOnly && zeroed > 0) throw new TypeError(`Cannot append ${zeroed} zeroed bytes to read-only data: the kernel clears them in place`)
  const size = data.length + zeroed
  if (size === 0) return
  if (dataAddress === undefined) throw new TypeError(`Cannot map ${size} bytes of data without a dataAddress`)
  const page = pageSize[machine]
  if (!whole(dataAddress) || dataAddress % page !== 0) throw new RangeError(`Cannot map data at ${dataAddress}: it is not a multiple of ${page}`)
  // vm.mmap_min_addr is 65536 by default.
  if (dataAddress < 65536 || dataAddress + size > topAddress) throw new RangeError(`Cannot map ${size} bytes of data at ${dataAddress}: it is not between 65536 and ${topAddress}`)
  if (dataAddress < up(codeAddress + code.length, page) && dataAddress + size > baseAddress)
    throw new RangeError(`Cannot map ${size} bytes of data at ${dataAddress}: it overlaps the code at ${baseAddress}`)
}
