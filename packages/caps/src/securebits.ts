import { constant, families } from '@ctr/syscall'
import type { Securebit } from './set-credentials.ts'

/** The names in the order of their bits: every flag has its lock behind it. */
export const securebits: readonly Securebit[] = families.securebits

/** Bits that are named; others belong to a kernel that is newer. */
const bitOf = (name: Securebit): number => constant(name)

/**
 * The flags in the number that prctl(PR_GET_SECUREBITS) returns. A bit that has no name here is left out.
 *
 * @throws RangeError it is no such number
 */
export function decodeSecurebits(value: number): Securebit[] {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new RangeError(`${value} is not a set of securebits`)
  return securebits.filter((name) => (value & bitOf(name)) !== 0)
}

/** The flags with the lock of each of them, which no privilege opens again. */
export function locked(flags: readonly Securebit[]): Securebit[] {
  const set = new Set<string>(flags.flatMap((name) => [name, name.endsWith('_LOCKED') ? name : `${name}_LOCKED`]))
  return securebits.filter((name) => set.has(name))
}
