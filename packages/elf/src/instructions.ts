import type { Reg } from './registers.ts'

/** A width of a load or a store, in bits. */
export type Width = 8 | 16 | 32 | 64

/** What a two-operand instruction does with its operands. */
export type Operation = 'add' | 'sub' | 'and' | 'or' | 'xor'

/** The direction of a shift; `shr` fills with zeros. */
export type Shift = 'shl' | 'shr'

/** How two values compare: `lt le gt ge` as signed numbers, `lo ls hi hs` (lower, lower or same, …) as unsigned ones. */
export type Condition = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'lo' | 'ls' | 'hi' | 'hs'

/** What a machine's encoder writes. The operands have been checked: every method is legal for every value it gets. */
export interface Instructions {
  /** Instructions start at multiples of this. */
  readonly alignment: number
  /** One instruction that does nothing. */
  readonly nop: readonly number[]
  copy(dst: Reg, src: Reg): void
  constant(dst: Reg, value: bigint): void
  load(dst: Reg, base: Reg, offset: number, width: Width): void
  store(base: Reg, offset: number, src: Reg, width: Width): void
  operate(operation: Operation, dst: Reg, src: Reg | number): void
  shift(shift: Shift, dst: Reg, src: Reg | number): void
  neg(dst: Reg): void
  compare(a: Reg, b: Reg | number): void
  jumpIf(condition: Condition, label: string): void
  jump(label: string): void
  call(label: string): void
  ret(): void
  syscall(): void
  address(dst: Reg, label: string): void
}
