import { constants as os } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arm64Constants, constants } from './constants.ts'
import { constant, families, flagBits, flagText, numbers } from './index.ts'

test("signals are this machine's", () => {
  for (const name of families.signal) expect(constant(name)).toBe(os.signals[name as NodeJS.Signals])
})

test('every name of every family has a value, and no other has', () => {
  expect(new Set(Object.keys(constants))).toEqual(new Set(Object.values(families).flat()))
})

test('arm64 differs in four flags of open', () => {
  expect(Object.keys(arm64Constants)).toEqual(['O_DIRECT', 'O_LARGEFILE', 'O_NOFOLLOW', 'O_DIRECTORY'])
  expect(constant('O_DIRECTORY', 'arm64')).toBe(0o40000)
  expect(constant('O_CLOEXEC', 'arm64')).toBe(constant('O_CLOEXEC', 'x64'))
})

test('every call of the table is a call on both machines', async () => {
  const { abi } = await import('./abi.ts')
  for (const name of Object.keys(abi)) for (const number of numbers[name as keyof typeof numbers]) expect(number, name).toBeGreaterThanOrEqual(0)
  expect(numbers.pivot_root).toEqual([155, 41])
})

test('flags add up, above 32 bits too', () => {
  expect(flagBits('clone', ['CLONE_INTO_CGROUP', 'CLONE_NEWPID'])).toBe(0x220000000n)
  expect(flagBits('open', [])).toBe(0n)
  expect(flagBits('clone', ['CLONE_NEWPID', 'CLONE_NEWPID'])).toBe(0x20000000n)
})

test('flag text has one order, whatever the order given', () => {
  expect(flagText('mount', ['MS_PRIVATE', 'MS_REC'])).toBe('MS_REC|MS_PRIVATE')
  expect(flagText('mount', [])).toBe('0')
  for (const family of Object.keys(families) as (keyof typeof families)[]) {
    const names: readonly string[] = families[family]
    fc.assert(fc.property(fc.shuffledSubarray([...names]), (some) => { expect(flagText(family, some as never)).toBe(names.filter((n) => some.includes(n)).join('|') || '0') }), { numRuns: 20 })
  }
})

test('refuses what is no constant', () => {
  expect(() => constant('MS_LAZY')).toThrow(new TypeError('"MS_LAZY" is not a kernel constant we know'))
  expect(() => constant('toString')).toThrow(TypeError)
  expect(() => flagBits('mount', ['MNT_FORCE' as 'MS_REC'])).toThrow(new TypeError('"MNT_FORCE" is not one of the mount flags'))
})
