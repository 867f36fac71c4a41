import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cases } from './comparison.ts'
import { names } from './inits.ts'

test('compared.md has what the tests of the comparison expect, row by row', () => {
  const rows = cases.map(({ what, expect }) => `| ${[what, ...names.map((name) => (typeof expect === 'string' ? expect : expect[name]))].join(' | ')} |`)
  expect(readFileSync(new URL('../compared.md', import.meta.url), 'utf8').split('\n').filter((line) => line.startsWith('| ')).slice(1)).toEqual(rows)
})
