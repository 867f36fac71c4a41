// Protocol Buffers, as much of them as the messages of CRI take: numbers, text, bytes, messages, lists and maps of text.
// @see https://protobuf.dev/programming-guides/encoding/

/**
 * @typedef {{ [name: string]: readonly [number: number, type: 'int' | 'bool' | 'text' | 'bytes' | 'map' | Fields, repeated?: 'repeated'] }} Fields
 *   the fields of a message by name
 */

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }

function varint(value) {
  const bytes = []
  // Negative ones are written as 64 bits.
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

const delimited = (number, bytes) => Buffer.concat([varint((number << 3) | wire.bytes), varint(bytes.length), bytes])

function field(number, type, value) {
  if (type === 'int' || type === 'bool') return Buffer.concat([varint((number << 3) | wire.varint), varint(value)])
  if (type === 'text' || type === 'bytes') return delimited(number, Buffer.from(value))
  if (type === 'map') return Buffer.concat(Object.entries(value).map((entry) => delimited(number, encode({ key: [1, 'text'], value: [2, 'text'] }, { key: entry[0], value: entry[1] }))))
  return delimited(number, encode(type, value))
}

/** @param {Fields} fields @param {Record<string, unknown>} message @returns {Buffer} */
export function encode(fields, message) {
  return Buffer.concat(Object.entries(message).map(([name, value]) => {
    if (!(name in fields)) throw new Error(`The message has no field ${name}`)
    const [number, type, repeated] = fields[name]
    return repeated ? Buffer.concat(value.map((each) => field(number, type, each))) : field(number, type, value)
  }))
}

/** @param {Fields} fields those of interest; others are passed over @param {Buffer} bytes @returns {Record<string, any>} */
export function decode(fields, bytes) {
  const message = {}
  let at = 0
  const next = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(next())
    const kind = tag & 7
    const [name, [, type, repeated] = []] = Object.entries(fields).find(([, [number]]) => number === tag >> 3) ?? []
    if (kind === wire.fixed64 || kind === wire.fixed32) {
      at += kind === wire.fixed64 ? 8 : 4
      continue
    }
    const number = next()
    if (kind === wire.varint) {
      if (name) message[name] = type === 'bool' ? number !== 0n : Number(BigInt.asIntN(64, number))
      continue
    }
    const content = bytes.subarray(at, (at += Number(number)))
    if (!name) continue
    const value = type === 'text' ? content.toString() : type === 'bytes' ? content : type === 'map' ? decode({ key: [1, 'text'], value: [2, 'text'] }, content) : decode(type, content)
    if (type === 'map') (message[name] ??= {})[value.key] = value.value
    else if (repeated) (message[name] ??= []).push(value)
    else message[name] = value
  }
  return message
}
