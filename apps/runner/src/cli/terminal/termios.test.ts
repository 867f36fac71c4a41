import { expect, test } from 'vitest'
import { makeRaw } from './termios.ts'

/** A terminal in its usual state: ICRNL IXON IUTF8, OPOST ONLCR, CS8 CREAD at 38400, ISIG ICANON ECHO ECHOE ECHOK IEXTEN ECHOCTL ECHOKE. */
const words = Uint8Array.from([0x00, 0x45, 0, 0, 0x05, 0, 0, 0, 0xbf, 0, 0, 0, 0x3b, 0x8a, 0, 0])
const characters = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0]
const cooked = Uint8Array.from([...words, 0, ...characters])

test('every byte goes through as it is', () => {
  expect(cooked).toHaveLength(36)
  const raw = makeRaw(cooked)
  const view = new DataView(raw.buffer)
  const [iflag, oflag, cflag, lflag] = [0, 4, 8, 12].map((at) => view.getUint32(at, true))
  expect(iflag! & 0o2777 & ~0o1000).toBe(0)
  expect(oflag! & 1).toBe(0)
  expect(cflag! & 0o60).toBe(0o60)
  expect(lflag! & (0o1 | 0o2 | 0o10 | 0o100000)).toBe(0)
  expect([raw[17 + 6], raw[17 + 5]]).toEqual([1, 0])
})

test('what is given is not changed, and must be whole', () => {
  const before = Uint8Array.from(cooked)
  makeRaw(cooked)
  expect(cooked).toEqual(before)
  expect(() => makeRaw(cooked.subarray(1))).toThrow(RangeError)
})
