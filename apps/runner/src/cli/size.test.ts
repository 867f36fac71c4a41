import { expect, test } from 'vitest'
import { formatSize, parseSize } from './size.ts'

test.each([
  ['20m', 20 * 2 ** 20], ['1.5g', 1.5 * 2 ** 30], ['512', 512], ['512b', 512], ['64KiB', 65536], ['64kb', 65536], ['.5k', 512], ['1T', 2 ** 40],
  ['', undefined], ['20x', undefined], ['m', undefined], ['-1', undefined], ['1e3', undefined], ['0x10', undefined], ['1.2.3m', undefined], ['99999999999t', undefined], [' 20m', undefined], ['20 m', 20 * 2 ** 20],
])('%j is %s bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each([[0, '0 B'], [812, '812 B'], [20971520, '20 MiB'], [1610612736, '1.5 GiB'], [503808, '492 KiB'], [20971000, '20.0 MiB'], [2 ** 50, '1024 TiB']])('%i bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
