/**
 * The part of protocol buffers that CRIU's messages are made of: numbers and bytes under numbers of fields.
 *
 * @see protobuf.dev, "Encoding"
 */

/** A value of a field: true and false are 1 and 0, an object is a message in the message. */
export type FieldValue = number | boolean | string | Fields
/** In the order of the numbers; a list is a field that comes several times. */
export type Fields = readonly (readonly [field: number, value: FieldValue | readonly FieldValue[] | undefined])[]

/** How a value is written: as a number in sevens of bits, or as a length and bytes. */
const [varint, lengthDelimited] = [0, 2]

export function encode(fields: Fields): Uint8Array {
  const bytes: number[] = []
  for (const [field, value] of fields) for (const each of several(value)) bytes.push(...encodeField(field, each))
  return Uint8Array.from(bytes)
}

/** A message is a list as well, of pairs. */
function several(value: Fields[number][1]): readonly FieldValue[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [value as FieldValue]
  return value.length > 0 && value.every((each) => Array.isArray(each) && typeof each[0] === 'number') ? [value as Fields] : (value as FieldValue[])
}

function encodeField(field: number, value: FieldValue): number[] {
  if (typeof value === 'number' || typeof value === 'boolean') return [...encodeVarint(field * 8 + varint), ...encodeVarint(Number(value))]
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : encode(value)
  return [...encodeVarint(field * 8 + lengthDelimited), ...encodeVarint(bytes.length), ...bytes]
}

/** @param value whole; below zero as 64 bits of two's complement, as an int32 is */
export function encodeVarint(value: number): number[] {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, BigInt(value))
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return [...bytes, Number(left)]
}

/** A message as it came: for each field the values in order, numbers as they are signed in 64 bits. */
export type Message = ReadonlyMap<number, readonly (number | Uint8Array)[]>

/** @throws SyntaxError it is cut, or has what CRIU's messages have not */
export function decode(bytes: Uint8Array): Message {
  const message = new Map<number, (number | Uint8Array)[]>()
  let at = 0
  const number = () => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new SyntaxError(`a message of ${bytes.length} bytes is cut in a number`)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asIntN(64, value))
    }
    throw new SyntaxError('a number in a message has more than 64 bits')
  }
  while (at < bytes.length) {
    const key = number()
    const [field, kind] = [Math.floor(key / 8), key % 8]
    if (kind !== varint && kind !== lengthDelimited) throw new SyntaxError(`field ${field} of a message is of kind ${kind}`)
    let value: number | Uint8Array = number()
    if (kind === lengthDelimited) {
      if (value < 0 || at + value > bytes.length) throw new SyntaxError(`field ${field} of a message is ${value} bytes long, and ${bytes.length - at} are left`)
      value = bytes.subarray(at, (at += value))
    }
    message.set(field, [...(message.get(field) ?? []), value])
  }
  return message
}
