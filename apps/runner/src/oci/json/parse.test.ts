import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from './parse.ts'
import { decodeJson } from './read-json.ts'

const read = (text: string) => parseJson(text, 'config.json')

test('every JSON value is read as JSON.parse reads it', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), (text) => {
    fc.pre(!text.includes('__proto__'))
    expect(JSON.stringify(read(text), (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each))).toBe(JSON.stringify(JSON.parse(text)))
  }), { numRuns: 60 })
})

test('integers beyond 2^53 are exact', () => {
  expect(read('[9007199254740991, 9007199254740992, 18446744073709551615, -9223372036854775808, 1e3, 1.5]'))
    .toEqual([9007199254740991, 9007199254740992n, 18446744073709551615n, -9223372036854775808n, 1000, 1.5])
})

test('objects have no prototype, so a key is never something else', () => {
  expect('constructor' in (read('{}') as object)).toBe(false)
  expect(read('{"constructor":1,"toString":2}')).toEqual(Object.assign(Object.create(null), { constructor: 1, toString: 2 }))
})

test.each([
  ['{"a":1,\n "a":2}', 'config.json:2:2: the name "a" comes twice'],
  ['{"__proto__":{}}', 'config.json:1:2: __proto__ is not taken as a name'],
  ['"\\ud800"', 'config.json:1:1: the string has half of a surrogate pair'],
  ['"\\udc00\\ud800"', 'config.json:1:1: the string has half of a surrogate pair'],
  [`${'['.repeat(100000)}`, 'config.json:1:66: nested more than 64 deep'],
  ['1e999', 'config.json:1:1: 1e999 is more than any number here'],
  ['', 'config.json:1:1: the text ends here'],
  ['{} {}', 'config.json:1:4: something follows the value'],
  ['[1,]', 'config.json:1:4: no value begins like this'],
  ['[1 2]', 'config.json:1:4: a comma or ] must come here'],
  ['{a:1}', 'config.json:1:2: a name in double quotes must come here'],
  ['"a\nb"', 'config.json:1:3: a control character must be escaped in a string'],
  ['"\\x"', 'config.json:1:2: there is no such escape'],
  ['"a', 'config.json:1:3: the string does not end'],
  ['{"a" 1}', 'config.json:1:6: a colon must follow the name'],
])('%.20s is refused with its place', (text, message) => {
  expect(() => read(text)).toThrow(message)
})

const suite = fileURLToPath(new URL('../../../../../../shared/vectors/json-test-suite/files/test_parsing/', import.meta.url))
describe.skipIf(!existsSync(suite))('JSONTestSuite', () => {
  const names = existsSync(suite) ? readdirSync(suite) : []
  const accepts = (name: string) => {
    try {
      decodeJson(readFileSync(suite + name), name)
      return true
    } catch (error) {
      if (error instanceof SyntaxError) return false
      throw error
    }
  }
  // The suite itself leaves open what RFC 8259 does: these two are the names that come twice.
  const twice = ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json']
  test('everything that must be read is read', () => expect(names.filter((name) => name.startsWith('y_') && !accepts(name)).sort()).toEqual(twice))
  test('nothing that must be refused is read', () => expect(names.filter((name) => name.startsWith('n_') && accepts(name))).toEqual([]))
  test('what may be either is read or refused, and never anything else', () => expect(names.filter((name) => name.startsWith('i_') && accepts(name)).sort()).toMatchSnapshot())
})
