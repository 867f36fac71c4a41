import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { complaints, difference, header, recorded } from './examples.mjs'

const directory = new URL('../examples/', import.meta.url)
const read = (name) => readFileSync(new URL(name, directory), 'utf8')
const names = readdirSync(directory).filter((name) => /^\d\d-.+\.ts$/.test(name)).sort()

describe('each example', () => {
  it.each(names)('%s has a header, at most 40 lines, and what it prints', (name) => {
    expect(complaints(read(name))).toEqual([])
    expect(existsSync(new URL(name.replace('.ts', '.out'), directory))).toBe(true)
  })

  it('stands in the table with its question', () => {
    const rows = read('README.md').split('\n').flatMap((line) => {
      const [, number, link, question, man] = /^\| \[(\d\d)\]\((.+?)\) \| (.+?) \| .+? \| (.+?) \| .+ \|$/.exec(line) ?? []
      return number ? [{ number, link, question, man }] : []
    })
    expect(rows.map(({ link, question }) => [link, question])).toEqual(names.map((name) => [name, header(read(name)).question]))
    for (const { number, link } of rows) expect(link.slice(0, 2)).toBe(number)
  })

  it('has an .out that belongs to it', () => {
    const outs = readdirSync(directory).filter((name) => name.endsWith('.out'))
    for (const name of outs) expect(names).toContain(name.replace(/(\.v1)?\.out$/, '.ts'))
  })
})

const good = "// Why?\n// See proc(5). Needs root.\n// Prints that.\nimport { a } from '@ctr/ns'\nexplain(a)\n"

it.each([
  [good, []],
  [good.replace('Why?', 'That.'), ['the first line is not a question']],
  [good.replace('See', 'Read'), ['the second line is not `See …. Needs ….`']],
  [good.replace('Prints', 'Shows'), ['the third line does not say what it `Prints`']],
  [good + '\n'.repeat(40) + 'a', ['it has more than 40 lines']],
  [good.replace('@ctr/ns', './01-process.ts'), ['it imports ./01-process.ts']],
  [good.replace('@ctr/ns', '@ctr/runner'), ['it imports @ctr/runner']],
  [good.replace('explain(a)', 'run(a)'), ['it explains nothing before it runs']],
])('%j: %j', (source, expected) => expect(complaints(source)).toEqual(expected))

it.each([
  ['pid 1', 'pid 1\n', undefined],
  ['pid …', 'pid 4711', undefined],
  ['a\n…\nd', 'a\nb\nc\nd', undefined],
  ['a ‹pid›\nb ‹pid›.', 'a 12\nb 12.', undefined],
  ['a ‹pid›\nb ‹pid›', 'a 12\nb 13', 'line 2 should be\nb ‹pid›\nand is\nb 13'],
  ['a ‹pid›\nb ‹other›', 'a 12\nb 13', undefined],
  ['a ‹pid›\nb ‹other›', 'a 12\nb 12', '‹other› is 12, as is another name'],
  ['a', 'a\nb', 'there is more: b'],
  ['a\nb', 'a', 'line 2 should be\nb\nand is\n'],
  ['a.c', 'abc', 'line 1 should be\na.c\nand is\nabc'],
])('%j is what %j should be: %j', (expected, actual, problem) => expect(difference(expected, actual)).toBe(problem))

it('what differs between two runs gets a name, the same where it is the same', () => {
  expect(recorded('', '/proc/12 has 5\nis 12 of 7', '/proc/13 has 5\nis 13 of 8')).toBe('/proc/‹n1› has 5\nis ‹n1› of ‹n2›\n')
})

it('a line that the old file has a pattern for stays', () => {
  expect(recorded('a\npid ‹pid› of …\nb\n', 'b\npid 12 of 3\nc', 'b\npid 13 of 4\nc')).toBe('b\npid ‹pid› of …\nc\n')
})

it('two runs that print different numbers of lines are not recorded', () => {
  expect(() => recorded('', 'a', 'a\nb')).toThrow('two runs print 1 and 2 lines')
})
