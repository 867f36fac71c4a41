import { endianness } from 'node:os'

/** What a file needs to be executed, by how it begins. */
export type Executable =
  | { readonly kind: 'script'; readonly interpreter: string; readonly carriageReturn: boolean }
  | { readonly kind: 'elf'; readonly machine: number; readonly loader: string | undefined }
  | { readonly kind: 'other' }

/** e_machine of elf.h, as people call them. */
export const machines: Readonly<Record<number, string>> = { 3: 'i386', 8: 'MIPS', 20: 'PowerPC', 21: 'PowerPC 64', 22: 's390', 40: 'ARM', 62: 'x86-64', 183: 'arm64', 243: 'RISC-V' }
export const ownMachine = process.arch === 'arm64' ? 183 : 62

const PT_INTERP = 3

/** @see execve(2), "Interpreter scripts"; elf(5) */
export function executable(head: Buffer): Executable {
  if (head.subarray(0, 2).toString('latin1') === '#!') {
    const line = head.subarray(2, 258).toString('latin1').split('\n')[0]!
    const interpreter = line.trim().split(/[ \t]/)[0]!
    // trim takes a CR away too; the kernel does not.
    return { kind: 'script', interpreter, carriageReturn: line.endsWith('\r') }
  }
  if (head.subarray(0, 4).toString('latin1') !== '\x7fELF' || head.length < 64) return { kind: 'other' }
  if (head[5] !== (endianness() === 'LE' ? 1 : 2) || head[4] !== 2) return { kind: 'elf', machine: head.readUInt16LE(18), loader: undefined }
  return { kind: 'elf', machine: head.readUInt16LE(18), loader: loaderOf(head) }
}

function loaderOf(head: Buffer): string | undefined {
  const [offset, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)]
  for (let i = 0, at = offset; i < count && at + 56 <= head.length; i++, at += size) {
    if (head.readUInt32LE(at) !== PT_INTERP) continue
    const [start, length] = [Number(head.readBigUInt64LE(at + 8)), Number(head.readBigUInt64LE(at + 32))]
    return start + length <= head.length ? head.subarray(start, start + length - 1).toString('latin1') : undefined
  }
  return undefined
}
