import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capabilities, decode, encode } from './index.ts'

test('decodes what status shows', () => {
  expect(decode('0000000000000000')).toEqual([])
  expect(decode('0000000000000401')).toEqual(['CAP_CHOWN', 'CAP_NET_BIND_SERVICE'])
  expect(decode('0x200000')).toEqual(['CAP_SYS_ADMIN'])
  expect(decode('000001ffffffffff')).toEqual(capabilities)
})

test('leaves out bits of newer kernels', () => expect(decode('ffffffffffffffff')).toEqual(capabilities))

test('both ways', () => {
  fc.assert(fc.property(fc.subarray([...capabilities]), (names) => { expect(decode(encode(names))).toEqual(names) }))
})

test('refuses what is no mask', () => {
  for (const text of ['', 'xyz', '1 2', '-1', '10000000000000000']) expect(() => decode(text)).toThrow(SyntaxError)
  expect(() => encode(['CAP_NONE' as 'CAP_KILL'])).toThrow(new TypeError('There is no capability "CAP_NONE"'))
})
