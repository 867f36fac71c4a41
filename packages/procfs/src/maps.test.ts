import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseMaps } from './maps.ts'

test('a captured process', () => {
  const maps = parseMaps(fixture('process/maps'))
  expect(maps[1]).toEqual({
    start: 0x5647cab86000n, end: 0x5647cab8b000n, read: true, write: false, execute: true, shared: false,
    offsetBytes: 0x2000n, major: 254, minor: 0, inode: 260875n, pathname: '/usr/bin/sleep',
  })
  expect(maps.at(-1)).toMatchObject({ start: 0xffffffffff600000n, execute: true, read: false, pathname: '[vsyscall]' })
  expect(maps.filter((mapping) => mapping.pathname === undefined)).toHaveLength(3)
})

test('names with blanks, newlines and marks', () => {
  const name = (text: string) => parseMaps(`0-1000 rw-s 0 00:01 18446744073709551615                  ${text}\n`)[0]
  expect(name('/a b\\012c (deleted)')).toMatchObject({ pathname: '/a b\nc (deleted)', shared: true, inode: 2n ** 64n - 1n })
  expect(name('/back\\134slash')?.pathname).toBe('/back\\134slash')
})

test('what is not a maps file names the line', () => {
  expect(() => parseMaps('0-1000 rw-p 0 00:01 0\nnonsense\n')).toThrow('maps line 2')
})

test.skipIf(!hasVectors('prometheus-procfs'))('32-bit and shared mappings of prometheus/procfs (needs its fixtures)', () => {
  const read = (pid: number) => parseMaps(readFileSync(vector(`prometheus-procfs/decoded/fixtures/proc/${pid}/maps`), 'utf8'))
  expect(read(26234)[0]).toMatchObject({ start: 0x08048000n, pathname: '/bin/tcsh', major: 3, minor: 1 })
  expect(read(26232)[1]).toMatchObject({ write: true, shared: true, execute: true })
})
