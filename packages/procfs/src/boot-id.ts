import type { Directory } from './directory.ts'
import { errorCode } from './error-code.ts'
import { type Reading, text } from './reading.ts'

// Once is enough: it is of the boot.
const bootIds = new WeakMap<Directory, string>()

/** A UUID that is new at every boot; undefined when the root has none. Read once. */
export function* bootId(directory: Directory): Reading<string | undefined> {
  const known = bootIds.get(directory)
  if (known !== undefined) return known
  try {
    const read = (yield* text(directory, 'sys/kernel/random/boot_id')).trim()
    bootIds.set(directory, read)
    return read
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return undefined
  }
}
