import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freeSubIds, parseSubIds, rootlessMap, subIdsOf, toInside, toOutside, validateIdMap } from './index.ts'

const text = '# who may map what\nalice:100000:65536\n\nbob:165536:65536\n1000:300000:1000\nalice:400000:10\nempty:500000:0\n'

test('parses a table, and finds the ranges of a user by name and by number', () => {
  const entries = parseSubIds(text)
  expect(entries).toHaveLength(5)
  expect(subIdsOf(entries, { name: 'alice', uid: 1000 })).toEqual([{ owner: 'alice', first: 100000, count: 65536 }, { owner: '1000', first: 300000, count: 1000 }, { owner: 'alice', first: 400000, count: 10 }])
  expect(subIdsOf(entries, { uid: 7 })).toEqual([])
  expect(subIdsOf(entries, { name: 'empty', uid: 7 })).toEqual([])
  expect(parseSubIds('')).toEqual([])
})

test.each(['alice:100000', 'alice:x:1', ':1:1', 'alice:1:1:1', 'alice:-1:1', 'a b:1:1', 'alice:4294967294:2'])('names file and line of %j', (line) => {
  expect(() => parseSubIds(`bob:1:1\n${line}\n`, '/etc/subgid')).toThrow(new SyntaxError(`/etc/subgid, line 2: ${JSON.stringify(line)} is not owner:first:count`))
})

test('any text is parsed or refused', () => {
  fc.assert(fc.property(fc.string(), (any) => { try { parseSubIds(any) } catch (error) { expect(error).toBeInstanceOf(SyntaxError) } }))
})

test('a free range is behind or between those that are taken', () => {
  expect(freeSubIds([], 'bob')).toEqual({ owner: 'bob', first: 100000, count: 65536 })
  expect(freeSubIds(parseSubIds(text), 'carol').first).toBe(231072)
  expect(freeSubIds(parseSubIds('a:100010:10\nb:100000:5\n'), 'c', { count: 5 }).first).toBe(100005)
  expect(freeSubIds(parseSubIds('a:100010:10\nb:100000:5\n'), 'c', { count: 6 }).first).toBe(100020)
  expect(freeSubIds(parseSubIds('a:99990:20\n'), 'c', { count: 5 }).first).toBe(100010)
  expect(() => freeSubIds([{ owner: 'a', first: 10, count: 90 }], 'c', { min: 0, max: 99, count: 11 })).toThrow(new RangeError('Cannot give c 11 subordinate IDs: there are not so many free ones in a row from 0 to 99'))
  expect(freeSubIds([{ owner: 'a', first: 10, count: 90 }], 'c', { min: 0, max: 99, count: 10 }).first).toBe(0)
})

test('what is free overlaps with nothing that is taken, and is the first', () => {
  const ranges = fc.array(fc.record({ owner: fc.constant('x'), first: fc.nat(200), count: fc.nat(40) }), { maxLength: 12 })
  fc.assert(fc.property(ranges, fc.integer({ min: 1, max: 40 }), (entries, count) => {
    const fits = (first: number) => entries.every((e) => e.count === 0 || e.first + e.count <= first || e.first >= first + count)
    const { first } = freeSubIds(entries, 'y', { min: 0, max: 10_000, count })
    expect(first).toBe(Array.from({ length: 1000 }, (_, i) => i).find(fits))
  }))
})

test('root inside is the caller, then the subordinate IDs in their order', () => {
  const map = rootlessMap(1000, subIdsOf(parseSubIds(text), { name: 'alice', uid: 1000 }))
  expect(map).toEqual([{ inside: 0, outside: 1000, length: 1 }, { inside: 1, outside: 100000, length: 65536 }, { inside: 65537, outside: 300000, length: 1000 }, { inside: 66537, outside: 400000, length: 10 }])
  validateIdMap(map)
  expect([toOutside(map, 0), toOutside(map, 65537), toInside(map, 300999), toInside(map, 301000)]).toEqual([1000, 300000, 66536, undefined])
  expect(rootlessMap(1000, [])).toEqual([{ inside: 0, outside: 1000, length: 1 }])
  expect(() => rootlessMap(1000, [{ owner: 'a', first: 5, count: 9 }], { atLeast: 65536 })).toThrow(new RangeError('Cannot map 65536 IDs: the caller has 10, with its own and its subordinate ones'))
})
