import { encode, type Machine, type Memory, type Syscall } from '@ctr/syscall'
import { encoded, type Encoded } from './encoded.ts'
import { headerBlock, headerBytes, programAddress, programLimit, record, status, statusAddress } from './layout.ts'
import { makeFail, writeRecord } from './record.ts'
import { rowAddress, type Step } from './weave.ts'

/** A straight line of calls and the descriptors it starts with. */
export interface Line {
  readonly steps: readonly Step[]
  readonly open: Readonly<Record<string, number>>
}

/**
 * The data of a program: header, records, and all that arguments point to. Addresses are absolute, so nothing is relocated.
 *
 * @returns bytes that are only good until the next call: copy them
 * @param main the program; each clone3 in it goes on, in the parent, with the next of `forks`
 */
export function segment(main: Line, forks: readonly Line[], machine: Machine): Uint8Array {
  const lines = [main, ...forks]
  // One block of the status page is the program's own.
  if (lines.length > status.blocks) throw new RangeError(`Cannot report progress of ${lines.length} lines of calls: a program may have three clone3`)
  // Each line ends with an exit_group of its own.
  const starts = lines.map((_, i) => lines.slice(0, i).reduce((sum, line) => sum + line.steps.length + 1, 0))
  const count = starts.at(-1)! + lines.at(-1)!.steps.length + 1
  const heap = new Heap(headerBytes + count * record.bytes)
  heap.number(0, programAddress + headerBytes)
  const nothing = Number(heap.place(new Uint8Array(8)))
  const [first] = main.steps
  // A program that does not begin by mapping the status page reports to nobody.
  const reports = first?.call.name === 'mmap' && first.call.args[0] === statusAddress
  let forked = 0
  for (const [i, line] of lines.entries()) {
    const writer = new LineWriter(line, heap, machine, nothing, reports ? i : undefined)
    const end = line.steps.at(-1)?.index ?? 0
    const last: Step = { index: end + 1, call: done }
    for (let j = 0; j <= line.steps.length; j++) {
      const step = line.steps[j] ?? last
      const other = step.call.name === 'clone3' && !step.fault ? ++forked : 0
      if (other >= lines.length) throw new TypeError(`clone3 (${step.call.why}) needs a program for the parent's side`)
      writer.write(step, headerBytes + (starts[i]! + j) * record.bytes, other && programAddress + headerBytes + starts[other]! * record.bytes)
    }
    writer.finish()
  }
  if (heap.used > programLimit) throw new RangeError(`Cannot assemble a program of ${heap.used} bytes: the interpreter maps 64 MiB`)
  spare = heap.bytes
  return heap.bytes.subarray(0, heap.used)
}

const done: Syscall = { name: 'exit_group', args: [0], why: 'the program is done' }

/** Writes the records of one line, and knows where each descriptor that it opens will be wanted. */
class LineWriter {
  readonly #line: Line
  readonly #heap: Heap
  readonly #nothing: number
  /** The block of the status page: 0 for the program itself, one for each other side; none where there is no such page. */
  readonly #block: number | undefined
  readonly #memory: Memory
  /** Where the result of the call that last returned a descriptor under a name has to go. */
  readonly #wanted = new Map<string, number[]>()
  readonly #lists: { readonly at: number; readonly addresses: number[] }[] = []
  #step: Step | undefined

  constructor(line: Line, heap: Heap, machine: Machine, nothing: number, block: number | undefined) {
    this.#line = line
    this.#block = block
    this.#heap = heap
    this.#nothing = nothing
    this.#memory = {
      machine,
      place: (bytes, holes = []) => {
        const address = heap.place(bytes)
        for (const { fd, offset } of holes) this.#descriptor(fd, Number(address) + offset)
        return address
      },
      text: (value) => heap.text(value),
      structs: heap.structs,
    }
  }

  write(step: Step, at: number, fork: number): void {
    const { call, index, fault } = step
    const heap = this.#heap
    this.#step = step
    const { machine } = this.#memory
    const ready = encoded(call, machine)
    if (ready) this.#settle(ready, at)
    else {
      const words = encode(call, this.#memory)
      writeRecord(heap.view, at, call, machine, words)
      for (let i = 0; i < words.length; i++) {
        const word = words[i]!
        if (typeof word === 'object') this.#descriptor(word.fd, programAddress + at + record.args + 8 * i)
      }
    }
    if (fault) makeFail(heap.view, at)
    heap.number(at + record.index, index)
    heap.number(at + record.fork, fork)
    // The call that maps the status page cannot report in it.
    heap.number(at + record.page, at === headerBytes || this.#block === undefined ? programAddress + headerBlock : statusAddress + status.block * this.#block)
    const { allow, as } = call
    // The rows of the status page are for the calls of the program itself.
    const row = allow !== undefined && allow.length > 0 && this.#block === 0
    heap.number(at + record.patches, this.#nothing)
    if (!row && as === undefined) return
    const addresses = row ? [rowAddress(index) + status.allowed] : []
    if (as !== undefined) this.#wanted.set(as, addresses)
    this.#lists.push({ at: at + record.patches, addresses })
  }

  /** Every list of addresses is known once the whole line is written. */
  finish(): void {
    for (const { at, addresses } of this.#lists) {
      if (addresses.length === 0) continue
      const list = this.#heap.reserve(8 * (addresses.length + 1))
      for (const [i, address] of addresses.entries()) this.#heap.number(list + 8 * i, address)
      this.#heap.number(at, programAddress + list)
    }
  }

  /** What a call that is encoded already points to gets its places, and the call their addresses. */
  #settle({ record, pointers, holes, places }: Encoded, at: number): void {
    const heap = this.#heap
    const addresses: number[] = []
    for (const { text, bytes, holes, pointers } of places) {
      const address = Number(text === undefined ? heap.place(bytes) : heap.text(text))
      for (const { offset, place } of pointers) heap.number(address - programAddress + offset, addresses[place]!)
      for (const { fd, offset } of holes) this.#descriptor(fd, address + offset)
      addresses.push(address)
    }
    heap.bytes.set(record, at)
    for (const { offset, place } of pointers) heap.number(at + offset, addresses[place]!)
    for (const { fd, offset } of holes) this.#descriptor(fd, programAddress + at + offset)
  }

  /** The 32 bits at `address` become a descriptor: now, where its number is known, or when the call that returns it was made. */
  #descriptor(name: string, address: number): void {
    const list = this.#wanted.get(name)
    const number = this.#line.open[name]
    if (list) list.push(address)
    else if (number !== undefined) this.#heap.view.setInt32(address - programAddress, number, true)
    else throw new TypeError(`Call ${this.#step!.index + 1}, ${this.#step!.call.name}: no earlier call returns a descriptor called ${JSON.stringify(name)}`)
  }
}

const utf8 = new TextEncoder()

/** The memory of the last heap: programs are written one at a time, and each is copied before the next. */
let spare: Uint8Array = new Uint8Array(1 << 16)

/** Bytes that grow, and where they will be in the process. */
class Heap {
  bytes: Uint8Array
  view: DataView
  used: number
  readonly structs: NonNullable<Memory['structs']> = new Map()
  readonly #texts = new Map<string, bigint>()

  constructor(used: number) {
    this.used = used
    this.bytes = spare.length >= used ? spare : new Uint8Array(used * 2)
    this.bytes.fill(0)
    this.view = new DataView(this.bytes.buffer)
  }

  word(at: number, value: bigint): void {
    this.view.setBigInt64(at, value, true)
  }

  /** A number below 2^32, which addresses here are; what is above it is 0 already. */
  number(at: number, value: number): void {
    this.view.setUint32(at, value, true)
  }

  place(bytes: Uint8Array): bigint {
    const at = this.reserve(Math.max(8, bytes.length))
    this.bytes.set(bytes, at)
    return BigInt(programAddress + at)
  }

  /** A NUL-terminated string; the same one has one place. */
  text(value: string): bigint {
    const known = this.#texts.get(value)
    if (known !== undefined) return known
    // UTF-8 takes at most three bytes for a UTF-16 code unit.
    const at = this.reserve(value.length * 3 + 1)
    const { written } = utf8.encodeInto(value, this.bytes.subarray(at))
    this.used = at + written + 1
    const address = BigInt(programAddress + at)
    this.#texts.set(value, address)
    return address
  }

  reserve(bytes: number): number {
    const at = (this.used + 7) & ~7
    this.used = at + bytes
    if (this.used > this.bytes.length) {
      const grown = new Uint8Array(this.used * 2)
      grown.set(this.bytes)
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    return at
  }
}
