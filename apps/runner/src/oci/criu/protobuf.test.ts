import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode, encodeVarint } from './protobuf.ts'

const hex = (bytes: Uint8Array | number[]) => Buffer.from(bytes).toString('hex')

// The examples of protobuf.dev, "Encoding".
test('numbers, strings and messages in messages are written as the specification has them', () => {
  expect(hex(encode([[1, 150]]))).toBe('089601')
  expect(hex(encode([[2, 'testing']]))).toBe('120774657374696e67')
  expect(hex(encode([[3, [[1, 150]]]]))).toBe('1a03089601')
  expect(hex(encode([[4, 'hello'], [6, [1, 2, 3]]]))).toBe('220568656c6c6f300130023003')
  expect(hex(encodeVarint(-2))).toBe('feffffffffffffffff01')
  expect(hex(encode([[1, true], [2, false], [3, undefined], [4, []]]))).toBe('08011000')
})

test('several messages under one field stay apart', () => {
  expect(hex(encode([[1, [[[1, 'a']], [[1, 'b']]]]]))).toBe('0a030a01610a030a0162')
})

test('what was written is read again', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.oneof(fc.integer(), fc.string()))), (fields) => {
    const read = [...decode(encode(fields))].map(([field, values]) => [field, values.map((value) => (typeof value === 'number' ? value : new TextDecoder().decode(value)))])
    const wanted = new Map<number, unknown[]>()
    for (const [field, value] of fields) wanted.set(field, [...(wanted.get(field) ?? []), typeof value === 'string' ? new TextDecoder().decode(new TextEncoder().encode(value)) : value])
    expect(read).toEqual([...wanted])
  }))
})

test('garbage is refused, or read, but never runs on', () => {
  for (const [bytes, words] of [['08', 'cut in a number'], ['1205616263', '5 bytes long, and 3 are left'], ['0d00000000', 'of kind 5'], ['08ffffffffffffffffffffff01', 'more than 64 bits']]) {
    expect(() => decode(Buffer.from(bytes!, 'hex'))).toThrow(words)
  }
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    try {
      decode(bytes)
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
    }
  }))
})
