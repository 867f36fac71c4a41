import fc from 'fast-check'
import { expect, test } from 'vitest'
import { capabilities, decodeFileCapabilities, decodeSecurebits, encodeFileCapabilities, locked, securebits } from './index.ts'

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const hex = (value: Uint8Array) => [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')

// What setcap(8) of libcap writes for cap_net_bind_service=ep, cap_checkpoint_restore=p, and cap_net_raw=i with -n 100000.
test('values as libcap writes them', () => {
  expect(decodeFileCapabilities(bytes('0100000200040000000000000000000000000000'))).toEqual({ revision: 2, permitted: ['CAP_NET_BIND_SERVICE'], inheritable: [], effective: true, unknown: [] })
  expect(decodeFileCapabilities(bytes('0000000200000000000000000001000000000000'))).toEqual({ revision: 2, permitted: ['CAP_CHECKPOINT_RESTORE'], inheritable: [], effective: false, unknown: [] })
  expect(decodeFileCapabilities(bytes('000000030000000000200000000000000000000' + '0a0860100'))).toEqual({ revision: 3, permitted: [], inheritable: ['CAP_NET_RAW'], effective: false, unknown: [], rootId: 100000 })
})

test('the oldest revision has 32 bits', () => {
  expect(decodeFileCapabilities(bytes('010000010004000000200000'))).toEqual({ revision: 1, permitted: ['CAP_NET_BIND_SERVICE'], inheritable: ['CAP_NET_RAW'], effective: true, unknown: [] })
})

test('bits of a newer kernel are told by number', () => {
  expect(decodeFileCapabilities(bytes('0000000200000000000000000002000000000080')).unknown).toEqual([41, 63])
})

test('both ways', () => {
  const subset = fc.subarray([...capabilities])
  fc.assert(fc.property(subset, subset, fc.boolean(), fc.option(fc.integer({ min: 0, max: 2 ** 32 - 2 }), { nil: undefined }), (permitted, inheritable, effective, rootId) => {
    const value = { permitted, inheritable, effective, ...(rootId === undefined ? {} : { rootId }) }
    expect(decodeFileCapabilities(encodeFileCapabilities(value))).toEqual({ ...value, revision: rootId === undefined ? 2 : 3, unknown: [] })
  }))
})

test('whatever stands in the attribute, it is decoded or refused, and comes out as it went in', () => {
  const random = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.tuple(fc.constantFrom([1, 12], [2, 20], [3, 24]), fc.uint8Array({ minLength: 24, maxLength: 24 }), fc.boolean()).map(([[revision, length], body, on]) => {
    const value = body.slice(0, length)
    value.set([on ? 1 : 0, 0, 0, revision!])
    return value
  }))
  fc.assert(fc.property(random, (value) => {
    let found
    try {
      found = decodeFileCapabilities(value)
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
      return
    }
    if (found.unknown.length > 0 || found.revision === 1 || found.rootId === 2 ** 32 - 1) return
    expect(hex(encodeFileCapabilities(found))).toBe(hex(value))
  }), { numRuns: 1000 })
})

test.each([
  ['', 'of no length'], ['01', 'too short'], ['0100000200040000', 'too short for its revision'], ['010000020004000000000000000000000000000000', 'too long'], ['0100000400040000000000000000000000000000', 'an unknown revision'],
  ['0200000200040000000000000000000000000000', 'an unknown flag'], ['0100000300040000000000000000000000000000', 'without the root user of its revision'],
])('refuses %j: %s', (value) => expect(() => decodeFileCapabilities(bytes(value))).toThrow(SyntaxError))

test('refuses to write what makes no sense', () => {
  expect(() => encodeFileCapabilities({ permitted: ['CAP_NONE' as 'CAP_KILL'], inheritable: [], effective: false })).toThrow(new TypeError('There is no capability "CAP_NONE"'))
  expect(() => encodeFileCapabilities({ permitted: [], inheritable: [], effective: false, rootId: -1 })).toThrow(new RangeError('Cannot write capabilities for user -1: an ID is an integer from 0 to 4294967294'))
})

test('a value in the middle of a larger buffer', () => {
  const whole = bytes('ffff0100000200040000000000000000000000000000')
  expect(decodeFileCapabilities(whole.subarray(2)).permitted).toEqual(['CAP_NET_BIND_SERVICE'])
})

test('securebits by number', () => {
  expect(decodeSecurebits(0)).toEqual([])
  expect(decodeSecurebits(0b101111)).toEqual(['SECBIT_NOROOT', 'SECBIT_NOROOT_LOCKED', 'SECBIT_NO_SETUID_FIXUP', 'SECBIT_NO_SETUID_FIXUP_LOCKED', 'SECBIT_KEEP_CAPS_LOCKED'])
  expect(decodeSecurebits(0xff)).toEqual(securebits)
  expect(locked(['SECBIT_NOROOT', 'SECBIT_KEEP_CAPS_LOCKED'])).toEqual(['SECBIT_NOROOT', 'SECBIT_NOROOT_LOCKED', 'SECBIT_KEEP_CAPS_LOCKED'])
  expect(() => decodeSecurebits(-1)).toThrow(new RangeError('-1 is not a set of securebits'))
})
