import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCpuList } from './cpu-list.ts'

test('ranges, single numbers, strides; empty is none', () => {
  expect([parseCpuList('0-3,6\n'), parseCpuList(''), parseCpuList('\n'), parseCpuList('0-10:2/4'), parseCpuList('5')]).toEqual([[0, 1, 2, 3, 6], [], [], [0, 1, 4, 5, 8, 9], [5]])
})

test.each(['a', '1-', '3-1', '1 2', '-1', '0-99999', '123456', '0-3:1/0', '1.5'])('refuses %j', (text) => {
  expect(() => parseCpuList(text)).toThrow(new SyntaxError(`not a list of CPUs: ${JSON.stringify(text)}`))
})

test('whatever the text, a list or a SyntaxError', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9,:/-]{0,20}$/)), (text) => {
    try {
      expect(parseCpuList(text).every((each) => each >= 0 && each <= 65_535)).toBe(true)
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
    }
  }))
})
