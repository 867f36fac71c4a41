import type { Arg, FdRef, Machine } from '../types.ts'

/** One machine word of a call: its value, or the descriptor an earlier call returns. */
export type Word = bigint | FdRef

/** A place inside placed bytes that receives a descriptor (as 32 bits) once the call that returns it was made. */
export interface Hole {
  readonly offset: number
  readonly fd: string
}

/** Where an interpreter keeps what arguments point to: a data segment that is being written, or live buffers. */
export interface Memory {
  readonly machine: Machine
  /** Puts bytes where the call can read (and write) them, aligned to 8, and returns their address. */
  place(bytes: Uint8Array, holes?: readonly Hole[]): bigint
  /** The same for a NUL-terminated string, which no call writes to: equal ones may share a place. */
  text?(value: string): bigint
  /** Where structs are that no call writes to, and that cannot change: the same one has one place. */
  readonly structs?: Map<object, { readonly of: object; readonly address: bigint }>
}

/** How a reader wants a call shown. */
export interface View {
  fd(ref: FdRef): string
  /** A filter is counted, not shown. */
  readonly brief?: boolean
}

/**
 * One parameter of a call, as every reader needs it. One parameter may stand for two kernel arguments where the second
 * follows from the first (a string and its length): then it prints both and encodes to two words.
 */
export interface Param<T = unknown> {
  readonly name: string
  /** Always the same, so it is not written down in `args`. */
  readonly implicit?: true
  /** Its value is a path: what an error names. */
  readonly isPath?: true
  /** Throws a TypeError or RangeError that quotes the value. */
  check(value: unknown): void
  /** strace's notation; undefined where strace leaves the argument out. */
  print(value: T, view: View, args: readonly Arg[]): string | undefined
  encode(value: T, memory: Memory): readonly Word[]
}

/** The values that a list of parameters takes from its caller: the implicit ones (`Param<undefined>`) are left out. */
export type ValuesOf<P extends readonly unknown[]> = P extends readonly [Param<infer T>, ...infer Rest]
  ? [T] extends [undefined] ? ValuesOf<Rest> : [T, ...ValuesOf<Rest>]
  : []

/** A value as an error message quotes it. */
export function quote(value: unknown): string {
  return typeof value === 'string' || (typeof value === 'object' && value !== null) ? JSON.stringify(value) : String(value)
}

export function refuse(name: string, wanted: string, value: unknown): never {
  throw new TypeError(`${name} must be ${wanted}, not ${quote(value)}`)
}
