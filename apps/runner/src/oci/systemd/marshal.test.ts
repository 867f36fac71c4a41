import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { typesOf, type DbusValue } from './dbus-value.ts'
import { marshal } from './marshal.ts'
import { unmarshal } from './unmarshal.ts'

describe('signatures', () => {
  test.each([['', []], ['sa(sv)u', ['s', 'a(sv)', 'u']], ['a{sv}aaub', ['a{sv}', 'aau', 'b']]])('%j', (signature, types) => expect(typesOf(signature)).toEqual(types))
  test.each(['a', '(s', 's)', 'z', '{s', 'a()', 'a'.repeat(40) + 's'])('%j is none', (signature) => expect(() => typesOf(signature)).toThrow('Not a signature'))
})

test('values stand where the specification has them', () => {
  expect(marshal('ybs', [1, true, 'hi']).toString('hex')).toBe('01000000' + '01000000' + '02000000' + '686900')
  // The space in front of the first element is there without elements too, and is not counted.
  expect(marshal('at', [[]]).toString('hex')).toBe('0000000000000000')
  expect(marshal('yv', [1, { signature: 'g', value: 's' }]).toString('hex')).toBe('01' + '016700' + '017300')
})

test.each<[string, DbusValue, string]>([['u', 'x', 'type u: "x"'], ['t', 1, 'type t: 1'], ['y', true, 'type y: true'], ['s', 'a\0b', 'type s'], ['(su)', ['a'], 'type (su)'], ['as', 'a', 'type as'], ['v', 5, 'type v'], ['b', 1n, 'type b: 1n']])('no value of type %s', (signature, value, problem) => {
  expect(() => marshal(signature, [value])).toThrow(problem)
})

test('a number that is too great for its type, and too few values', () => {
  expect(() => marshal('y', [256])).toThrow(RangeError)
  expect(() => marshal('t', [2n ** 64n])).toThrow(RangeError)
  expect(() => marshal('su', ['a'])).toThrow('2 values are wanted by "su", and 1 were given')
})

test('what was cut off, or says less than it holds', () => {
  const bytes = marshal('sas', ['one', ['two', 'three']])
  for (let length = 0; length < bytes.length; length++) expect(() => unmarshal('sas', bytes.subarray(0, length))).toThrow(RangeError)
  expect(() => unmarshal('au', Buffer.from('0300000001000000', 'hex'))).toThrow('ends within an element')
  expect(() => unmarshal('v', Buffer.from('0273730000000000', 'hex'))).toThrow('A variant of D-Bus is one value')
})

type Typed = readonly [signature: string, value: DbusValue]
const scalar: fc.Arbitrary<Typed> = fc.oneof(
  fc.integer({ min: 0, max: 255 }).map((value): Typed => ['y', value]), fc.boolean().map((value): Typed => ['b', value]), fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value): Typed => ['u', value]),
  fc.integer().map((value): Typed => ['i', value]), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Typed => ['t', value]), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Typed => ['x', value]),
  fc.integer({ min: 0, max: 65535 }).map((value): Typed => ['q', value]), fc.double({ noNaN: true }).map((value): Typed => ['d', value]),
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')).map((value): Typed => ['s', value]),
)
const typed = fc.letrec<{ value: Typed }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { minLength: 1, maxLength: 3 }).map((fields): Typed => [`(${fields.map(([type]) => type).join('')})`, fields.map(([, value]) => value)]),
    fc.tuple(tie('value'), fc.nat(3)).map(([[type, value], count]): Typed => [`a${type}`, Array.from({ length: count }, () => value)]), tie('value').map(([signature, value]): Typed => ['v', { signature, value }])),
})).value

test('what is written is read as it was', () => {
  fc.assert(fc.property(fc.array(typed, { maxLength: 4 }), (values) => {
    const signature = values.map(([type]) => type).join('')
    // A signature is at most 255 characters.
    fc.pre(values.every(([type]) => type.length < 200))
    expect(unmarshal(signature, marshal(signature, values.map(([, value]) => value)))).toEqual(values.map(([, value]) => value))
  }))
})
