import { explain } from '@ctr/syscall'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTimeOffsets, timeOffsets, timeOffsetsText } from './index.ts'

test('parses what the kernel shows', () => {
  expect(parseTimeOffsets('monotonic           0         0\nboottime        -86400 500000000\n')).toEqual({ monotonic: { seconds: 0, nanoseconds: 0 }, boottime: { seconds: -86400, nanoseconds: 500000000 } })
  expect(parseTimeOffsets('')).toEqual({})
  for (const line of ['realtime 0 0', 'monotonic 0', 'monotonic 0 -1', 'monotonic x 0']) expect(() => parseTimeOffsets(`boottime 0 0\n${line}\n`)).toThrow(new SyntaxError(`timens_offsets, line 2: ${JSON.stringify(line)} is not a clock and two numbers`))
})

test('text both ways', () => {
  const offset = fc.record({ seconds: fc.integer({ min: -9_223_372_036, max: 9_223_372_036 }), nanoseconds: fc.integer({ min: 0, max: 999_999_999 }) })
  fc.assert(fc.property(fc.record({ monotonic: offset, boottime: offset }, { requiredKeys: [] }), (offsets) => { expect(parseTimeOffsets(timeOffsetsText(offsets))).toEqual(offsets) }))
})

test('refuses what the kernel would', () => {
  const refuses = (seconds: number, nanoseconds: number, message: string) => expect(() => timeOffsetsText({ boottime: { seconds, nanoseconds } })).toThrow(new RangeError(message))
  refuses(0.5, 0, 'Cannot move boottime by 0.5 seconds: they are whole, and at most 9223372036')
  refuses(-9_223_372_037, 0, 'Cannot move boottime by -9223372037 seconds: they are whole, and at most 9223372036')
  refuses(0, -1, 'Cannot move boottime by -1 nanoseconds: they are 0 to 999999999, also where the seconds are negative')
  refuses(0, 1_000_000_000, 'Cannot move boottime by 1000000000 nanoseconds: they are 0 to 999999999, also where the seconds are negative')
})

test('three calls, or none where nothing is moved', () => {
  expect(explain(timeOffsets('self', { boottime: { seconds: 5, nanoseconds: 0 } })).map((line) => line.split('  ')[0])).toEqual(['openat(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY|O_CLOEXEC)', 'write(3<offsets>, "boottime 5 0\\n", 13)', 'close(3<offsets>)'])
  expect(timeOffsets(7, {})).toEqual([])
  expect(() => timeOffsets(0, {})).toThrow(new RangeError('Cannot set time offsets of process 0'))
})
