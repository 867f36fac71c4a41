import { expect, it } from 'vitest'
import { assemble, docstrings, instrument } from './docstrings.mjs'

const source = `
/** No example. */
const a = 1
/**
 * Two.
 *
 * @example
 * f(1) // 2
 * @see x(2)
 * @example
 * \`\`\`ts
 * import { f } from '@ctr/x'
 *
 * f(3)
 * \`\`\`
 */
const b = 2
/**
 * @example
 * \`\`\`ts no-run
 * f(4)
 * \`\`\`
 */
  /**
   * @example
   * f(5)
   */
`

it('an example is what stands between @example and the next tag, or in its fence', () => {
  expect(docstrings(source)).toEqual([
    { line: 8, code: 'f(1) // 2' },
    { line: 12, code: "import { f } from '@ctr/x'\n\nf(3)" },
    { line: 26, code: 'f(5)' },
  ])
})

it.each([
  ["f(1) // ['a']", "value(f(1), \"['a']\")"],
  ["f(1)\n// ['a']", "value(f(1), \"['a']\")\n// ['a']"],
  ['f(1) // e.g. 7', 'f(1) // e.g. 7'],
  ['f(1) // the PID', 'f(1) // the PID'],
  ['const x = f(1) // 268', 'const x = f(1) // 268'],
  ['console.log(x) // a b', 'console.log(x); printed("a b")'],
  ["x.on('data', () => console.log(1)) // 1", "x.on('data', () => console.log(1)) // 1"],
  ['await f(1) // { a: 1 }', 'value(await f(1), "{ a: 1 }")'],
])('%j becomes %j', (code, expected) => expect(instrument(code)).toBe(expected))

const run = (examples, exported = new Map()) => {
  const lines = []
  const code = assemble(examples.map((each, i) => ({ place: `x.ts:${i}`, code: each })), exported)
  const body = code.replace(/^import .*\n/gm, '').replace('process.exit()', '')
  const AsyncFunction = (async () => {}).constructor
  return import('node:util').then(({ inspect, isDeepStrictEqual }) =>
    new AsyncFunction('inspect', 'isDeepStrictEqual', 'console', body)(inspect, isDeepStrictEqual, { log: (text) => lines.push(text) }).then(() => lines))
}

it.each([
  [["[1, 2].map((n) => n * 2) // [2, 4]"], ['1 0']],
  [["[1, 2].map((n) => n * 2) // [2, 5]"], ['x.ts:0: it is [ 2, 4 ], not [2, 5]', '0 1']],
  [["({ a: 1, b: 'x' }) // { a: 1, … }"], ['1 0']],
  [["Object.assign(Object.create(null), { a: 1 }) // { a: 1 }"], ['1 0']],
  [["console.log('a', 7) // a 7", "console.log('a') // b"], ['x.ts:1: it prints a, not b', '1 1']],
  [['f(1) // 2', '1 // 1'], [expect.stringMatching(/^x.ts:0: ReferenceError: f is not defined/), '1 1']],
  [["'/proc/1' // '/proc/1'"], ['1 0']],
  [["profile.syscalls.length // 1"], ['1 0']],
])('%j: %j', async (examples, lines) => expect(await run(examples)).toEqual(lines))

it('what is used and not declared is imported from where it is exported', () => {
  const exported = new Map([['f', '@ctr/x'], ['g', '@ctr/y'], ['h', '@ctr/x']])
  const code = assemble([{ place: 'a', code: "import { g } from '@ctr/z'\nconst h = f(g)\n[...f(h), x.h]" }], exported)
  expect(code).toContain("import { f } from '@ctr/x'")
  expect(code).toContain("import { g } from '@ctr/z'")
  expect(code).not.toContain('import { h }')
})
