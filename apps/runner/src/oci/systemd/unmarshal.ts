import { alignmentOf, typesOf, type DbusValue } from './dbus-value.ts'

/**
 * The values that stand in a message, in little-endian order.
 *
 * @throws SyntaxError, RangeError it does not hold what the signature says
 * @see D-Bus Specification, Marshaling (Wire Format)
 */
export function unmarshal(signature: string, bytes: Buffer): DbusValue[] {
  const from = new In(bytes)
  return typesOf(signature).map((type) => take(from, type))
}

class In {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  align(to: number): void {
    this.next((to - (this.at % to)) % to)
  }

  next(size: number): Buffer {
    if (this.at + size > this.#bytes.length) throw new RangeError(`A message of D-Bus ends ${this.at + size - this.#bytes.length} bytes too early`)
    this.at += size
    return this.#bytes.subarray(this.at - size, this.at)
  }

  text(length: number): string {
    const text = this.next(length).toString()
    this.next(1)
    return text
  }
}

const scalars: Readonly<Record<string, readonly [size: number, read: (bytes: Buffer) => DbusValue]>> = {
  y: [1, (bytes) => bytes.readUInt8()], n: [2, (bytes) => bytes.readInt16LE()], q: [2, (bytes) => bytes.readUInt16LE()],
  i: [4, (bytes) => bytes.readInt32LE()], u: [4, (bytes) => bytes.readUInt32LE()], d: [8, (bytes) => bytes.readDoubleLE()],
  x: [8, (bytes) => bytes.readBigInt64LE()], t: [8, (bytes) => bytes.readBigUInt64LE()], b: [4, (bytes) => bytes.readUInt32LE() !== 0],
}

function take(from: In, type: string): DbusValue {
  from.align(alignmentOf(type))
  const scalar = scalars[type]
  if (scalar) return scalar[1](from.next(scalar[0]))
  if (type === 's' || type === 'o') return from.text(from.next(4).readUInt32LE())
  if (type === 'g') return from.text(from.next(1).readUInt8())
  if (type === 'v') return takeVariant(from)
  return type.startsWith('a') ? takeArray(from, type.slice(1)) : typesOf(type.slice(1, -1)).map((field) => take(from, field))
}

function takeVariant(from: In): DbusValue {
  const signature = from.text(from.next(1).readUInt8())
  const [type, more] = typesOf(signature)
  if (type === undefined || more !== undefined) throw new SyntaxError(`A variant of D-Bus is one value: ${JSON.stringify(signature)}`)
  return { signature, value: take(from, type) }
}

function takeArray(from: In, element: string): DbusValue[] {
  const length = from.next(4).readUInt32LE()
  from.align(alignmentOf(element))
  const end = from.at + length
  const values: DbusValue[] = []
  while (from.at < end) values.push(take(from, element))
  if (from.at !== end) throw new RangeError('An array of D-Bus ends within an element')
  return values
}
