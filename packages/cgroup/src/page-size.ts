import { readFileSync } from 'node:fs'

let known: number | undefined

/** Not by node:os, which would be loaded for this alone. */
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The bytes of a page on this machine, from the auxiliary vector; 4096 where that cannot be read. @see getauxval(3), AT_PAGESZ */
export function pageSize(): number {
  if (known !== undefined) return known
  known = 4096
  try {
    const vector = readFileSync('/proc/self/auxv')
    const word = littleEndian ? (at: number) => vector.readBigUInt64LE(at) : (at: number) => vector.readBigUInt64BE(at)
    for (let at = 0; at + 16 <= vector.length; at += 16) if (word(at) === 6n) known = Number(word(at + 8))
  } catch {
    // Not readable for a process that is not dumpable.
  }
  return known
}
