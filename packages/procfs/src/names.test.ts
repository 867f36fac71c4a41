import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { capabilityNames } from './capability.ts'
import { cpuList } from './cpu-list.ts'
import { sameIdentity } from './identity.ts'
import { unescapeOctal } from './octal-escape.ts'
import { signalNames } from './signal.ts'

const defines = (header: string, prefix: string): Map<string, number> => new Map(
  [...readFileSync(header, 'utf8').matchAll(new RegExp(`^#define (${prefix}[A-Z0-9_]+)\\s+(\\d+)\\s*$`, 'gm'))].map((match) => [match[1]!, Number(match[2])]),
)

const CAPABILITY = '/usr/include/linux/capability.h'
test.skipIf(!existsSync(CAPABILITY))('capability names are those of the header (needs linux-libc-dev)', () => {
  const bits = [...defines(CAPABILITY, 'CAP_')].filter(([name]) => name !== 'CAP_LAST_CAP')
  expect(bits.length).toBeGreaterThan(40)
  for (const [name, bit] of bits) expect(capabilityNames(1n << BigInt(bit))).toEqual([name])
})

const SIGNAL = '/usr/include/asm-generic/signal.h'
test.skipIf(!existsSync(SIGNAL))('signal names are those of the header (needs linux-libc-dev)', () => {
  const numbers = [...defines(SIGNAL, 'SIG')].filter(([name, number]) => number < 32 && name !== 'SIGIOT' && name !== 'SIGLOST')
  expect(numbers).toHaveLength(31)
  for (const [name, number] of numbers) expect(signalNames(1n << BigInt(number - 1))).toEqual([name])
})

test('masks', () => {
  expect(capabilityNames(0n)).toEqual([])
  expect(capabilityNames(1n << 60n)).toEqual(['CAP_60'])
  expect(signalNames(0n)).toEqual([])
  expect(signalNames(2n ** 64n - 1n)).toHaveLength(64)
  expect(signalNames(1n << 63n)).toEqual(['SIGRT_32'])
})

test('cpu lists', () => {
  const place = { file: 'x', line: 1, text: '' }
  expect(cpuList('0-2,7', place)).toEqual([0, 1, 2, 7])
  expect(cpuList('', place)).toEqual([])
  for (const text of ['2-1', '1,1', '0-99999999', '-', 'a', '1,']) expect(() => cpuList(text, place)).toThrow('Cannot parse x')
})

test('octal escapes are undone once, and only those the kernel makes', () => {
  expect(unescapeOctal('a\\040b\\011\\012\\134\\043')).toBe('a b\t\n\\#')
  expect(unescapeOctal('\\134040')).toBe('\\040')
  expect(unescapeOctal('\\377\\08\\04')).toBe('\\377\\08\\04')
})

test('identities', () => {
  const identity = { pid: 7, starttimeTicks: 42, bootId: 'a' }
  expect(sameIdentity(identity, { ...identity })).toBe(true)
  expect(sameIdentity(identity, { pid: 7, starttimeTicks: 42 })).toBe(true)
  expect(sameIdentity(identity, { ...identity, bootId: 'b' })).toBe(false)
  expect(sameIdentity(identity, { ...identity, starttimeTicks: 43 })).toBe(false)
  expect(sameIdentity(identity, { ...identity, pid: 8 })).toBe(false)
})
