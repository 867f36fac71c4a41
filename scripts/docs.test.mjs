import { expect, it } from 'vitest'
import { agrees, commands, examples } from './docs.mjs'

const document = ['# x', '', '```ts', 'a()', '```', 'prints', '```text', '// prints', '1 2', '```', '```ts no-run', 'b()', '```', '```js', 'c()', '```', '```sh', 'd', '```']

it('examples are the ts blocks that are to be run, with what they print', () => {
  expect(examples(document.join('\n'))).toEqual([
    { line: 4, code: 'a()', prints: '1 2', printsLine: 8 },
    { line: 15, code: 'c()' },
    { line: 18, code: 'd', shell: true },
  ])
})

it('of commands, tests are not run', () => expect(commands('npm start\nnpm test # all\nnpm run x')).toBe('npm start\nnpm run x'))

it.each([
  ['pid 1\n', 'pid 1', true],
  ['pid …', 'pid 4711', true],
  ['pid …', 'tid 4711', false],
  ['a.c', 'abc', false],
  ['a\n…\nd', 'a\nb\nc\nd\n', true],
  ['a\n…\nd', 'a\nd\n', true],
  ['a\n…\nd', 'a\nb\n', false],
  ['a', 'a\nb', false],
  ['a  b …  ', 'a  b c\n\n', true],
])('%j stands for %j: %s', (expected, actual, result) => expect(agrees(expected, actual)).toBe(result))
