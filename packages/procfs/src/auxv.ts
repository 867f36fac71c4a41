import type { Endianness } from './directory.ts'
import { ProcParseError } from './proc-parse-error.ts'

// include/uapi/linux/auxvec.h and arch/*/include/uapi/asm/auxvec.h.
const NAMES: Readonly<Record<number, string>> = {
  2: 'AT_EXECFD', 3: 'AT_PHDR', 4: 'AT_PHENT', 5: 'AT_PHNUM', 6: 'AT_PAGESZ', 7: 'AT_BASE', 8: 'AT_FLAGS', 9: 'AT_ENTRY',
  10: 'AT_NOTELF', 11: 'AT_UID', 12: 'AT_EUID', 13: 'AT_GID', 14: 'AT_EGID', 15: 'AT_PLATFORM', 16: 'AT_HWCAP', 17: 'AT_CLKTCK',
  23: 'AT_SECURE', 24: 'AT_BASE_PLATFORM', 25: 'AT_RANDOM', 26: 'AT_HWCAP2', 27: 'AT_RSEQ_FEATURE_SIZE', 28: 'AT_RSEQ_ALIGN',
  29: 'AT_HWCAP3', 30: 'AT_HWCAP4', 31: 'AT_EXECFN', 32: 'AT_SYSINFO', 33: 'AT_SYSINFO_EHDR', 51: 'AT_MINSIGSTKSZ',
}

/** A value that the kernel gave to a program when it started it. @see getauxval(3) */
export interface AuxiliaryValue {
  /** `AT_…`, or `AT_` and the number of one that is not known here. */
  readonly name: string
  readonly type: number
  /** A number, or an address in the process. */
  readonly value: bigint
}

/** How the words of the process are. */
export interface AuxvForm {
  /** Bytes of a word; found out when not given: 8, unless the vector makes sense only with 4. */
  readonly wordBytes?: 4 | 8
  /** Default `LE`. */
  readonly endianness?: Endianness
}

function pairs(data: Uint8Array, wordBytes: 4 | 8, little: boolean): (readonly [type: bigint, value: bigint])[] | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const word = (at: number): bigint => (wordBytes === 8 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little)))
  const found: (readonly [bigint, bigint])[] = []
  for (let at = 0; at + 2 * wordBytes <= data.byteLength; at += 2 * wordBytes) {
    const type = word(at)
    if (type === 0n) return found
    found.push([type, word(at + wordBytes)])
  }
  return undefined
}

// Types are small numbers: with words of the wrong size they are not.
const HIGHEST_TYPE = 0xffffn

/**
 * The values of a /proc/PID/auxv file, in its order, without the AT_NULL that ends it; none for a kernel thread or a zombie.
 *
 * @param data the bytes of the file
 * @throws {ProcParseError} when it does not end in AT_NULL: the file was cut off. Its text is the bytes in hexadecimal
 * @see proc(5) /proc/pid/auxv, getauxval(3)
 * @example
 * parseAuxv(readFileSync('/proc/self/auxv')).find(({ name }) => name === 'AT_PAGESZ')?.value // 4096n
 */
export function parseAuxv(data: Uint8Array, file = 'auxv', form: AuxvForm = {}): AuxiliaryValue[] {
  if (data.byteLength === 0) return []
  const little = form.endianness !== 'BE'
  const sizes: readonly (4 | 8)[] = form.wordBytes === undefined ? [8, 4] : [form.wordBytes]
  for (const size of sizes) {
    const found = pairs(data, size, little)
    if (found === undefined || (form.wordBytes === undefined && found.some(([type]) => type > HIGHEST_TYPE))) continue
    return found.map(([type, value]) => ({ name: NAMES[Number(type)] ?? `AT_${type}`, type: Number(type), value }))
  }
  const text = [...data.subarray(0, 4096)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  throw new ProcParseError({ file, line: 1, text }, 'pairs of words that end in AT_NULL')
}
