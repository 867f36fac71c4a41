import { arm64Constants, constants } from './constants.ts'
import { families, type Constant, type Family } from './families.ts'
import type { Machine } from './types.ts'

/** The value of a kernel constant by name, on one architecture. */
export function constant(name: string, machine: Machine = 'x64'): number {
  const value = (machine === 'arm64' ? arm64Constants[name] : undefined) ?? constants[name]
  // What every object has, such as a constructor, is no number.
  if (typeof value === 'number') return value
  throw new TypeError(`${JSON.stringify(name)} is not a kernel constant we know`)
}

interface Computed {
  readonly family: Family
  readonly machine: Machine
  readonly bits: bigint
}

/** By the array of names itself: the same program is written for process after process. */
const computed = new WeakMap<readonly string[], Computed>()

/** The value of several flags of one family together. The result is a bigint: `CLONE_INTO_CGROUP` is bit 33. */
export function flagBits<F extends Family>(family: F, names: readonly Constant<F>[], machine: Machine = 'x64'): bigint {
  const known = computed.get(names)
  if (known?.family === family && known.machine === machine) return known.bits
  let bits = 0n
  const all = families[family] as readonly string[]
  for (const name of names) {
    if (!all.includes(name)) throw new TypeError(`${JSON.stringify(name)} is not one of the ${family} flags`)
    bits |= BigInt(constant(name, machine))
  }
  bits = BigInt.asUintN(64, bits)
  // What cannot change is kept: an array that is not frozen may say something else next time.
  if (Object.isFrozen(names)) computed.set(names, { family, machine, bits })
  return bits
}

/** Sorts flag names as strace prints them and joins them: `MS_REC|MS_PRIVATE`, or `0`. */
export function flagText<F extends Family>(family: F, names: readonly Constant<F>[]): string {
  const order: readonly string[] = families[family]
  return [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b)).join('|') || '0'
}
