import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idMapText, parseIdMap, toInside, toOutside, validateIdMap, type IdMapRange } from './index.ts'

const subordinate = [{ inside: 0, outside: 1000, length: 1 }, { inside: 1, outside: 100000, length: 65535 }]

test('parses what the kernel shows', () => {
  expect(parseIdMap('         0       1000          1\n         1     100000      65535\n')).toEqual(subordinate)
  expect(parseIdMap('         0          0 4294967295\n')).toEqual([{ inside: 0, outside: 0, length: 4294967295 }])
  expect(parseIdMap('')).toEqual([])
})

test('names file and line of what it cannot parse', () => {
  expect(() => parseIdMap('0 0 1\n0 x 1\n', 'gid_map')).toThrow(new SyntaxError('gid_map, line 2: "0 x 1" is not three numbers'))
  expect(() => parseIdMap('0 0\n')).toThrow(SyntaxError)
})

const range = fc.record({ inside: fc.nat(2 ** 31), outside: fc.nat(2 ** 31), length: fc.integer({ min: 1, max: 2 ** 30 }) })

test('text both ways', () => {
  fc.assert(fc.property(fc.array(range), (map) => { expect(parseIdMap(idMapText(map))).toEqual(map) }))
})

test('translates both ways', () => {
  expect(toOutside(subordinate, 0)).toBe(1000)
  expect(toOutside(subordinate, 65535)).toBe(165534)
  expect(toOutside(subordinate, 65536)).toBeUndefined()
  expect(toInside(subordinate, 100000)).toBe(1)
  expect(toInside(subordinate, 0)).toBeUndefined()
  fc.assert(fc.property(range, fc.nat(), (r, n) => { const id = r.inside + (n % r.length); expect(toInside([r], toOutside([r], id)!)).toBe(id) }))
})

const many = (n: number, first = 0) => Array.from({ length: n }, (_, i) => ({ inside: first + i * 2, outside: i * 2, length: 1 }))

test.each<[string, IdMapRange[]]>([
  ['everything', [{ inside: 0, outside: 0, length: 2 ** 32 - 1 }]],
  ['subordinate IDs', subordinate],
  ['the last ID', [{ inside: 2 ** 32 - 2, outside: 2 ** 32 - 2, length: 1 }]],
  ['340 ranges', many(340)],
  ['ranges that touch', [{ inside: 10, outside: 0, length: 10 }, { inside: 0, outside: 10, length: 10 }]],
])('accepts %s', (_what, map) => { validateIdMap(map) })

test.each<[string, IdMapRange[], string]>([
  ['nothing', [], 'Cannot map no IDs: a map needs a range'],
  ['341 ranges', many(341), 'Cannot map 341 ranges of IDs: the kernel takes 340'],
  ['an empty range', [{ inside: 0, outside: 0, length: 0 }], 'Cannot map 0 0 0: IDs are from 0 to 4294967294, and a range has at least one'],
  ['a negative ID', [{ inside: -1, outside: 0, length: 1 }], 'Cannot map -1 0 1: IDs are from 0 to 4294967294, and a range has at least one'],
  ['a fraction', [{ inside: 0, outside: 0.5, length: 1 }], 'Cannot map 0 0.5 1: IDs are from 0 to 4294967294, and a range has at least one'],
  ['an ID that is none', [{ inside: 2 ** 32 - 1, outside: 0, length: 1 }], 'Cannot map 4294967295 0 1: IDs are from 0 to 4294967294, and a range has at least one'],
  ['a range past the end', [{ inside: 0, outside: 1, length: 2 ** 32 - 1 }], 'Cannot map 0 1 4294967295: IDs are from 0 to 4294967294, and a range has at least one'],
  ['an overlap inside', [{ inside: 5, outside: 100, length: 2 }, { inside: 0, outside: 0, length: 6 }], 'Cannot map 0 0 6 and 5 100 2: they overlap inside'],
  ['an overlap outside', [{ inside: 0, outside: 0, length: 6 }, { inside: 10, outside: 5, length: 2 }], 'Cannot map 0 0 6 and 10 5 2: they overlap outside'],
  ['a text longer than a page', many(340, 4_000_000_000), 'Cannot map 340 ranges of IDs: their text has 5725 bytes, the kernel takes 4095'],
])('refuses %s', (_what, map, message) => expect(() => validateIdMap(map)).toThrow(new RangeError(message)))
