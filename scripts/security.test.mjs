import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './setup.mjs'

// Tables of what happened to others (security.md of a package): the tests they name exist. A reference is a link to a test file with the
// names of tests behind it: [file](path) “name” “beginning of a name…”.

/** Names of tests as they are written: the first argument of a call, in a line with a test( or describe( in it, or with the end of the list of one. */
export function namesOf(source) {
  const calls = source.split('\n').filter((line) => /\b(test|it|describe)[.(]|^\s*\](?: as const)?\)\(/.test(line)).flatMap((line) => [...line.matchAll(/\((?:'((?:\\.|[^'\\])*)'|`((?:\\.|[^`\\])*)`),/g)])
  return calls.map(([, single, template]) => (single ?? template).replace(/\\(.)/g, '$1'))
}

/** @returns {{ path: string, name: string | undefined }[]} */
export function references(markdown) {
  return [...markdown.matchAll(/\]\(([^)\s]+\.test\.m?[jt]s)\)((?:\s*“[^”]*”)*)/g)].flatMap(([, path, names]) => {
    const all = [...names.matchAll(/“([^”]*)”/g)].map(([, name]) => ({ path, name }))
    return all.length > 0 ? all : [{ path, name: undefined }]
  })
}

const documents = ['packages', 'apps'].flatMap((parent) => readdirSync(`${root}/${parent}`).map((name) => `${parent}/${name}/security.md`)).filter((path) => existsSync(`${root}/${path}`))

function missing(document) {
  return references(readFileSync(`${root}/${document}`, 'utf8')).filter(({ path, name }) => {
    const file = join(root, dirname(document), path)
    if (name === undefined || !existsSync(file)) return true
    const names = namesOf(readFileSync(file, 'utf8'))
    return !(name.endsWith('…') ? names.some((each) => each.startsWith(name.slice(0, -1))) : names.includes(name))
  })
}

it.each(documents)('%s names tests that there are', (document) => expect(missing(document)).toEqual([]))

/** The cells of each row of each table, without heads and rules. */
const rows = (markdown) => markdown.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| |')).map((line) => line.slice(2, -2).split(' | '))

it('every row of the runner has a test, or says why there is none', () => {
  const all = rows(readFileSync(`${root}/apps/runner/security.md`, 'utf8'))
  expect(all.filter((cells) => cells.length !== 4)).toEqual([])
  expect(all.filter(([, , here, tried]) => references(tried).length === 0 && !/not applicable|open/i.test(here + tried))).toEqual([])
})

describe('names and references', () => {
  it('are found however a test is written', () => {
    const source = "test('one', () => {})\n  it.each([['a', 1]])('two %s', f)\ntest.skipIf(!x())(`three ${n} it's`, f)\ntest.each(list(1, 2).map((e) => e.id))('it\\'s four', f)\ndescribe.skipIf(a)('five', f)\ntest.each([\n  [1],\n] as const)('six', f)"
    expect(namesOf(source)).toEqual(['one', 'two %s', "three ${n} it's", "it's four", 'five', 'six'])
  })

  it('a link without a name is one, too', () => {
    expect(references('[a](x.test.ts) “one” “two…”; [b](y.test.ts), [c](z.ts) “no”')).toEqual([{ path: 'x.test.ts', name: 'one' }, { path: 'x.test.ts', name: 'two…' }, { path: 'y.test.ts', name: undefined }])
  })
})
