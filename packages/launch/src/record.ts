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
  let place = at + record.args
  for (const word of words) {
    if (typeof word === 'bigint') view.setBigInt64(place, word, true)
    place += 8
  }
  view.setUint32(at + record.tries, retries, true)
  view.setBigInt64(at + record.returns, returns === undefined ? any : BigInt(returns), true)
  for (const [list, errnos] of [[record.allow, allow], [record.retry, retry]] as const) {
    if (errnos === undefined) continue
    if (errnos.length > 7) throw new RangeError(`${name} (${why}) can allow or retry at most seven errnos`)
    for (const [i, errno] of errnos.entries()) view.setUint8(at + list + i, errnoTable[errno])
  }
}

/** No call has this number: ENOSYS. Bit 30 is not set: it makes a call one of x32, for which a seccomp filter may end the process. */
const impossible = 0x3fffffff

/** The call of a record is not made, and fails whatever it allows. */
export function makeFail(view: DataView, at: number): void {
  view.setUint32(at + record.nr, impossible, true)
  view.setBigInt64(at + record.allow, 0n, true)
  view.setBigInt64(at + record.retry, 0n, true)
}
