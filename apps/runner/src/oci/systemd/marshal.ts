import { alignmentOf, typesOf, type DbusValue, type DbusVariant } from './dbus-value.ts'

/**
 * The values as they stand in a message, in little-endian order.
 *
 * @throws TypeError, RangeError a value is not of its type
 * @see D-Bus Specification, Marshaling (Wire Format)
 */
export function marshal(signature: string, values: readonly DbusValue[]): Buffer {
  const types = typesOf(signature)
  if (types.length !== values.length) throw new TypeError(`${types.length} values are wanted by ${JSON.stringify(signature)}, and ${values.length} were given`)
  const out = new Out()
  types.forEach((type, i) => put(out, type, values[i]!))
  return out.bytes()
}

class Out {
  #bytes = Buffer.alloc(256)
  length = 0

  align(to: number): void {
    this.room((to - (this.length % to)) % to)
  }

  /** @returns the next so many bytes, which are zero, to be written to */
  room(size: number): Buffer {
    while (this.length + size > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)])
    this.length += size
    return this.#bytes.subarray(this.length - size, this.length)
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  /** What was written `at` an earlier moment, for a length that is known later. */
  setLength(at: number, length: number): void {
    this.#bytes.writeUInt32LE(length, at)
  }
}

const numbers: Readonly<Record<string, readonly [size: number, write: (room: Buffer, value: number) => unknown]>> = {
  y: [1, (room, value) => room.writeUInt8(value)], n: [2, (room, value) => room.writeInt16LE(value)], q: [2, (room, value) => room.writeUInt16LE(value)],
  i: [4, (room, value) => room.writeInt32LE(value)], u: [4, (room, value) => room.writeUInt32LE(value)], d: [8, (room, value) => room.writeDoubleLE(value)],
}

function put(out: Out, type: string, value: DbusValue): void {
  out.align(alignmentOf(type))
  const number = numbers[type]
  if (number) {
    if (typeof value !== 'number') wrong(type, value)
    number[1](out.room(number[0]), value)
  } else if (type === 'b') {
    if (typeof value !== 'boolean') wrong(type, value)
    out.room(4).writeUInt32LE(value ? 1 : 0)
  } else if (type === 't' || type === 'x') {
    if (typeof value !== 'bigint') wrong(type, value)
    if (type === 't') out.room(8).writeBigUInt64LE(value)
    else out.room(8).writeBigInt64LE(value)
  } else if (type === 's' || type === 'o' || type === 'g') {
    if (typeof value !== 'string' || value.includes('\0')) wrong(type, value)
    const text = Buffer.from(value)
    if (type === 'g') out.room(1).writeUInt8(text.length)
    else out.room(4).writeUInt32LE(text.length)
    text.copy(out.room(text.length + 1))
  } else if (type === 'v') {
    if (!isVariant(value)) wrong(type, value)
    put(out, 'g', value.signature)
    put(out, value.signature, value.value)
  } else {
    if (!Array.isArray(value)) wrong(type, value)
    if (type.startsWith('a')) putArray(out, type.slice(1), value as readonly DbusValue[])
    else putFields(out, type, value as readonly DbusValue[])
  }
}

function putArray(out: Out, element: string, values: readonly DbusValue[]): void {
  const at = out.length
  out.room(4)
  // The space in front of the first element does not count.
  out.align(alignmentOf(element))
  const start = out.length
  for (const each of values) put(out, element, each)
  out.setLength(at, out.length - start)
}

function putFields(out: Out, type: string, values: readonly DbusValue[]): void {
  const fields = typesOf(type.slice(1, -1))
  if (fields.length !== values.length) wrong(type, values)
  fields.forEach((field, i) => put(out, field, values[i]!))
}

const isVariant = (value: DbusValue): value is DbusVariant => typeof value === 'object' && 'signature' in value

function wrong(type: string, value: DbusValue): never {
  throw new TypeError(`Not a value of type ${type}: ${typeof value === 'bigint' ? `${value}n` : JSON.stringify(value)}`)
}
