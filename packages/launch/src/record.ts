import { errnoTable, numbers, type FdRef, type Machine, type Syscall } from '@ctr/syscall'
import { record } from './layout.ts'

const retries = 128
/** What a call may return where it says nothing of it. */
const any = -1n

/**
 * Writes what of a record depends on the call alone, to bytes that are zero.
 *
 * @param words the arguments; a descriptor by name is left out
 */
export function writeRecord(view: DataView, at: number, { name, why, allow, retry, returns }: Syscall, machine: Machine, words: readonly (bigint | FdRef)[]): void {
  view.setUint32(at + record.nr, numbers[name][machine === 'x64' ? 0 : 1], true)
  for (let i = 0; i < words.length; i++) {
    const word = words[i]
    if (typeof word === 'bigint') view.setBigInt64(at + record.args + 8 * i, word, true)
  }
  view.setUint32(at + record.tries, retries, true)
  view.setBigInt64(at + record.returns, returns === undefined ? any : BigInt(returns), true)
  if ((allow?.length ?? 0) > 7 || (retry?.length ?? 0) > 7) throw new RangeError(`${name} (${why}) can allow or retry at most seven errnos`)
  allow?.forEach((errno, i) => view.setUint8(at + record.allow + i, errnoTable[errno]))
  retry?.forEach((errno, i) => view.setUint8(at + record.retry + i, errnoTable[errno]))
}

/** No call has this number: ENOSYS. Bit 30 is not set: it makes a call one of x32, for which a seccomp filter may end the process. */
const impossible = 0x3fffffff

/** The call of a record is not made, and fails whatever it allows. */
export function makeFail(view: DataView, at: number): void {
  view.setUint32(at + record.nr, impossible, true)
  view.setBigInt64(at + record.allow, 0n, true)
  view.setBigInt64(at + record.retry, 0n, true)
}
