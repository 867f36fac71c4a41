import type { Condition, Width } from './instructions.ts'
import { registers, type Reg } from './registers.ts'

const conditions: readonly Condition[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'lo', 'ls', 'hi', 'hs']
const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

/** The register, once it is one; the stack pointer only where it is allowed by name. */
export function checkRegister(reg: Reg, stack?: 'sp'): Reg {
  if (!Object.hasOwn(registers.x64, reg)) throw new TypeError(`Cannot use register ${show(reg)}: there is none of that name`)
  if (reg === 'sp' && stack === undefined) throw new TypeError('Cannot use register "sp" here: copy it with mov first')
  return reg
}

/** The condition, once it is one. */
export function checkCondition(condition: Condition): Condition {
  if (!conditions.includes(condition)) throw new TypeError(`Cannot branch on ${show(condition)}: it is not one of ${conditions.join(', ')}`)
  return condition
}

/** An immediate operand: x64 extends 32 bits by their sign, so every machine takes just these. */
export function checkImmediate(value: number): number {
  if (!Number.isInteger(value) || value !== (value | 0))
    throw new RangeError(`Cannot use ${show(value)} as an immediate: it is not a 32-bit signed integer (mov it into a register)`)
  return value | 0 // -0 becomes 0
}

/** A displacement from a base register. */
export function checkOffset(offset: number): number {
  if (!Number.isInteger(offset) || offset !== (offset | 0)) throw new RangeError(`Cannot use offset ${show(offset)}: it is not a 32-bit signed integer`)
  return offset | 0
}

/** A constant number of bits to shift by. */
export function checkShift(count: number): number {
  if (!Number.isInteger(count) || count < 0 || count > 63) throw new RangeError(`Cannot shift by ${show(count)}: it is not 0 to 63`)
  return count
}

/** A width of a memory access. */
export function checkWidth(width: Width): Width {
  if (width !== 8 && width !== 16 && width !== 32 && width !== 64)
    throw new TypeError(`Cannot access ${show(width)} bits: it is not one of 8, 16, 32, 64`)
  return width
}

/** Any 64-bit value, signed or unsigned, as its unsigned bits. */
export function checkWord(value: number | bigint): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`Cannot load ${show(value)}: it is not a safe integer (use a bigint)`)
  const word = BigInt(value)
  if (word < -(1n << 63n) || word >= 1n << 64n) throw new RangeError(`Cannot load ${show(value)}: it has more than 64 bits`)
  return BigInt.asUintN(64, word)
}

/** A label's name. */
export function checkName(name: string): string {
  if (typeof name !== 'string' || name === '') throw new TypeError(`Cannot use ${show(name)} as a label: it is not a name`)
  return name
}
