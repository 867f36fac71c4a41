import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cells, elide, table, type Column } from './table.ts'

interface Row { readonly id: string; readonly name: string; readonly command: string; readonly pid: number }

const columns: readonly Column<Row>[] = [
  { title: 'ID', value: ({ id }) => id, drop: 2 },
  { title: 'NAME', value: ({ name }) => name, least: 6 },
  { title: 'PID', value: ({ pid }) => String(pid), right: true },
  { title: 'COMMAND', value: ({ command }) => command, least: 8, drop: 1 },
]
const rows: readonly Row[] = [
  { id: '05694c424eb3', name: 'web', pid: 3067, command: 'sleep 300' },
  { id: '15694c424eb4', name: 'a-container-with-quite-a-long-name', pid: 12, command: 'sh -c "while :; do :; done; a long command line that does not end"' },
]

test.each([40, 60, 80, 120, 200])('no line is wider than %i columns', (width) => {
  for (const line of table(columns, rows, { width }).split('\n')) expect(cells(line)).toBeLessThanOrEqual(width)
})

test('what is wide loses its middle, then what is unimportant goes', () => {
  expect(table(columns, rows, { width: 60 })).toMatchInlineSnapshot(`
    "ID            NAME                  PID  COMMAND
    05694c424eb3  web                  3067  sleep 300
    15694c424eb4  a-contain…long-name    12  sh -c "wh… not end"
    "
  `)
  expect(table(columns, rows, { width: 24 })).toMatchInlineSnapshot(`
    "NAME       PID  COMMAND
    web       3067  slee…300
    a-co…ame    12  sh -…nd"
    "
  `)
})

test('in a pipe tabs separate, and nothing is cut', () => {
  expect(table(columns, rows, { width: undefined }).split('\n')[2]).toBe(`15694c424eb4\t${rows[1]!.name}\t12\t${rows[1]!.command}`)
})

test('whatever is elided fits, and keeps both ends', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 40 }), (text, width) => {
    const short = elide(text, width)
    expect(cells(short)).toBeLessThanOrEqual(width)
    if (cells(text) <= width) expect(short).toBe(text)
  }))
  expect(elide('0123456789', 5)).toBe('01…89')
  expect(elide('漢字漢字漢字', 7)).toBe('漢字…字')
})

test.each([['abc', 3], ['漢字', 4], ['e\u0301', 1], ['😀', 2], ['', 0], ['…', 1]])('%s takes %i columns', (text, width) => {
  expect(cells(text)).toBe(width)
})
