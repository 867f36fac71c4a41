import type { FdRef, OutBuffer } from '../types.ts'
import { quote, refuse, type Param } from './param.ts'

function checkInteger(name: string, value: unknown, from: number, to: number): asserts value is number {
  if (typeof value !== 'number') refuse(name, 'a number', value)
  // A double above 2^53 is not the number that was meant.
  if (!Number.isSafeInteger(value) || value < from || value > to) throw new RangeError(`${name} must be an integer from ${from} to ${to}, not ${quote(value)}`)
}

function integer(from: number, to: number, print: (value: number) => string) {
  return (name: string): Param<number> => ({
    name,
    check: (value) => checkInteger(name, value, from, to),
    print,
    encode: (value) => [BigInt(value)],
  })
}

export const int = integer(-(2 ** 31), 2 ** 31 - 1, String)
export const uint = integer(0, 2 ** 32 - 1, String)
export const size = integer(0, Number.MAX_SAFE_INTEGER, String)
/** A size or an offset that strace shows in hexadecimal. */
export const hexadecimal = integer(0, Number.MAX_SAFE_INTEGER, (value) => (value === 0 ? '0' : '0x' + value.toString(16)))
/** User and group ids; -1 leaves one as it is. */
export const id = integer(-1, 2 ** 32 - 1, String)
/** Permission bits as strace shows them: 0755, and 000 for none. */
export const mode = integer(0, 0o7777, (value) => '0' + value.toString(8).padStart(value < 8 ? 2 : 1, '0'))
/** An address in the new process, or 0 for NULL. */
export const address = integer(0, Number.MAX_SAFE_INTEGER, (value) => (value === 0 ? 'NULL' : '0x' + value.toString(16)))

/** A number that is always the same, such as the size of a signal set. */
export function fixed(value: number): Param<undefined> {
  return { name: String(value), implicit: true, check: () => {}, print: () => String(value), encode: () => [BigInt(value)] }
}

/** The permission bits of a file being created; strace leaves them out unless O_CREAT is among the flags before. */
export function createMode(name: string): Param<number> {
  const inner = mode(name)
  return { ...inner, print: (value, view, args) => ((args[2] as readonly string[]).includes('O_CREAT') ? inner.print(value, view, args) : undefined) }
}

export type Fd = number | 'AT_FDCWD' | FdRef

/** A descriptor: a number, the working directory, or the name of one that an earlier call returned. */
export function fd(name: string): Param<Fd> {
  return {
    name,
    check: (value) => {
      if (value === 'AT_FDCWD' || isFdRef(value)) return
      if (typeof value !== 'number') refuse(name, "a descriptor, { fd: name } or 'AT_FDCWD'", value)
      checkInteger(name, value, -1, 2 ** 31 - 1)
    },
    print: (value, view) => (typeof value === 'object' ? view.fd(value) : String(value)),
    encode: (value) => [value === 'AT_FDCWD' ? -100n : typeof value === 'number' ? BigInt(value) : value],
  }
}

export function isFdRef(value: unknown): value is FdRef {
  return typeof value === 'object' && value !== null && 'fd' in value && typeof value.fd === 'string'
}

/** A buffer that the kernel fills, and its size. What it will hold is not known yet, so it prints as … */
export function out(name: string): Param<OutBuffer> {
  return {
    name,
    check: (value) => {
      const wanted = typeof value === 'object' && value !== null && 'out' in value ? value.out : refuse(name, 'a buffer { out: bytes }', value)
      checkInteger(`${name}.out`, wanted, 1, 2 ** 20)
    },
    print: (value) => `…, ${value.out}`,
    encode: (value, memory) => [memory.place(new Uint8Array(value.out)), BigInt(value.out)],
  }
}

/** A struct that the kernel fills and whose size it knows: nothing behind the address. */
export function outExactly(name: string, bytes: number): Param<OutBuffer> {
  return {
    name,
    check: (value) => {
      if (typeof value !== 'object' || value === null || !('out' in value) || value.out !== bytes) refuse(name, `a buffer { out: ${bytes} }`, value)
    },
    print: () => '…',
    encode: (value, memory) => [memory.place(new Uint8Array(value.out))],
  }
}

/** A struct of fixed size that the kernel fills, at an address of its own choosing or one that is given; `{ out: bytes }` where the caller wants to read it. */
export function outStruct(name: string, bytes: number): Param<number | null | OutBuffer> {
  return {
    name,
    check: (value) => {
      if (value === null) return
      if (typeof value !== 'object') return checkInteger(name, value, 0, Number.MAX_SAFE_INTEGER)
      if (!('out' in value) || value.out !== bytes) refuse(name, `null, an address or a buffer { out: ${bytes} }`, value)
    },
    print: () => '…',
    encode: (value, memory) => [typeof value === 'number' ? BigInt(value) : memory.place(new Uint8Array(bytes))],
  }
}
