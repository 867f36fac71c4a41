import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './parse.ts'
import { plainJson } from './plain.ts'

/** What is read must be what the strict reader reads, which throws where it refuses. */
function agrees(text: string): boolean {
  const read = plainJson(text)
  // Prototypes too, which there are not; vitest takes a member called constructor for one.
  if (read !== undefined) expect([text, isDeepStrictEqual(read, parseJson(text, 'config.json'))]).toEqual([text, true])
  return read !== undefined
}

test('usual texts are read, as the strict reader reads them', () => {
  expect(agrees('{"ociVersion":"1.2.0","process":{"args":["sh","-c","echo \\"a\\":1 \\u003c"],"terminal":false,"rlimits":[{"hard":1024}]},"hooks":null,"x":[1.5,-3,1e3]}')).toBe(true)
})

const names = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"__proto__"', '"\\u005f_proto__"', '"constructor"', '"1"', '"\\ud800"', '"a\\":"')
const values = fc.constantFrom('1', '-0', '-0.0', '1e400', '1e20', '9007199254740991', '9007199254740993', '18446744073709551615', '0.1', '"a\\":1"', '"\\udc00"', 'null', 'true', '[]', '{}')
const texts = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, values,
    fc.array(fc.tuple(names, fc.constantFrom(':', ' : ', '\n:'), tie('value')), { maxLength: 4 }).map((members) => `{${members.map((parts) => parts.join('')).join(', ')}}`),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' ,')}]`)),
})).value

test('nothing is read that the strict reader refuses, and nothing in another way', () => {
  fc.assert(fc.property(fc.oneof(texts, fc.json({ maxDepth: 4 })), (text) => { agrees(text) }), { numRuns: 2000 })
  fc.assert(fc.property(texts, fc.nat(), fc.constantFrom('', '"', '\\', ':', ',', '}', ' '), (text, at, put) => {
    const cut = at % (text.length + 1)
    agrees(text.slice(0, cut) + put + text.slice(cut + 1))
  }), { numRuns: 2000 })
})

test.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"__proto__":1}', '[18446744073709551615]', '[-0]', '"\\ud800"', '[1e400]', '['.repeat(70) + ']'.repeat(70), '{"a":1,}', ''])('%.30s is left to the strict reader', (text) => {
  expect(plainJson(text)).toBeUndefined()
})
