import { encode, type FdRef, type Hole, type Machine, type Memory, type Syscall } from '@ctr/syscall'
import { record as layout } from './layout.ts'
import { writeRecord } from './record.ts'

/** Something that a call's arguments point to, and where in it the addresses of others are. */
export interface Place {
  readonly text?: string
  readonly bytes: Uint8Array
  readonly holes: readonly Hole[]
  readonly pointers: readonly { readonly offset: number; readonly place: number }[]
}

/** A call's record and what its words point to, wherever that will be. */
export interface Encoded {
  /** All of the record that depends on the call alone. */
  readonly record: Uint8Array
  /** Offsets in it that get the address of a place, or a descriptor. */
  readonly pointers: readonly { readonly offset: number; readonly place: number }[]
  readonly holes: readonly Hole[]
  readonly places: readonly Place[]
}

const kept: Readonly<Record<Machine, WeakMap<Syscall, Encoded>>> = { x64: new WeakMap(), arm64: new WeakMap() }

/** Calls that were asked for once: whoever launches one program alone would wait for what only the second has something of. */
const seen = new WeakSet<Syscall>()

/**
 * The call, encoded once and for all, where nothing of it can change; undefined where something could, and the first time.
 *
 * Most calls of a container are the very objects of the one before (`bench/start.mjs`).
 */
export function encoded(call: Syscall, machine: Machine): Encoded | undefined {
  if (!Object.isFrozen(call)) return undefined
  const known = kept[machine].get(call)
  if (known) return known
  if (!seen.has(call)) {
    seen.add(call)
    return undefined
  }
  if (!unchangeable(call)) return undefined
  const made = relocatable(call, machine)
  kept[machine].set(call, made)
  return made
}

function unchangeable(value: unknown): boolean {
  return typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(unchangeable))
}

/** Encodes twice, at places that are far apart: what is different is an address, and nothing else is. */
function relocatable(call: Syscall, machine: Machine): Encoded {
  const [here, there] = [encodeAt(call, machine, 1n << 56n), encodeAt(call, machine, 1n << 57n)]
  const place = (a: bigint, b: bigint) => (a === b ? undefined : Number((a - (1n << 56n)) >> 32n))
  const record = new Uint8Array(layout.bytes)
  const pointers: { offset: number; place: number }[] = []
  const holes: Hole[] = []
  const words = here.words.map((word, i) => {
    const other = there.words[i]
    const offset = layout.args + 8 * i
    if (typeof word === 'object') holes.push({ offset, fd: word.fd })
    const pointed = typeof word === 'bigint' && typeof other === 'bigint' ? place(word, other) : undefined
    if (pointed !== undefined) pointers.push({ offset, place: pointed })
    return typeof word === 'object' || pointed !== undefined ? 0n : word
  })
  writeRecord(new DataView(record.buffer), 0, call, machine, words)
  const places = here.places.map((each, i) => {
    const [a, b] = [each.bytes, there.places[i]!.bytes].map(({ buffer, byteOffset, byteLength }) => new DataView(buffer, byteOffset, byteLength)) as [DataView, DataView]
    // Addresses are in members and arrays that are aligned to them.
    const inside: { offset: number; place: number }[] = []
    for (let offset = 0; offset + 8 <= a.byteLength; offset += 8) {
      const pointed = place(a.getBigUint64(offset, true), b.getBigUint64(offset, true))
      if (pointed === undefined) continue
      inside.push({ offset, place: pointed })
      a.setBigUint64(offset, 0n, true)
    }
    return { ...each, pointers: inside }
  })
  return { record, pointers, holes, places }
}

/** Every place has 4 GiB to itself. */
function encodeAt(call: Syscall, machine: Machine, base: bigint): { readonly words: readonly (bigint | FdRef)[]; readonly places: readonly Place[] } {
  const places: Place[] = []
  const add = (place: Place) => base + (BigInt(places.push(place) - 1) << 32n)
  const memory: Memory = {
    machine,
    place: (bytes, holes = []) => add({ bytes: bytes.slice(), holes, pointers: [] }),
    text: (text) => add({ text, bytes: new Uint8Array(), holes: [], pointers: [] }),
  }
  return { words: encode(call, memory), places }
}
