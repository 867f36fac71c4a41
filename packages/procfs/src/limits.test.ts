import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseLimits } from './limits.ts'

test('a captured process', () => {
  const limits = parseLimits(fixture('process/limits'))
  expect(Object.keys(limits)).toHaveLength(16)
  expect(limits.RLIMIT_NOFILE).toEqual({ soft: 20000n, hard: 20000n, units: 'files' })
  expect(limits.RLIMIT_STACK).toEqual({ soft: 8388608n, hard: 'unlimited', units: 'bytes' })
  expect(limits.RLIMIT_NICE).toEqual({ soft: 0n, hard: 0n, units: '' })
})

test('a limit of a newer kernel is under its printed name', () => {
  expect(parseLimits(`${fixture('process/limits')}Max new thing             1                    2                    \n`)['Max new thing']).toEqual({ soft: 1n, hard: 2n, units: '' })
})

test('what is not a limits file names the line', () => {
  const text = fixture('process/limits')
  expect(() => parseLimits('')).toThrow('heading')
  expect(() => parseLimits(text.slice(0, text.indexOf('Max nice')))).toThrow('a line for RLIMIT_NICE')
  expect(() => parseLimits(text.replace('Max file size             unlimited', 'Max file size             x'))).toThrow('limits line 3')
})

test.skipIf(!hasVectors('prometheus-procfs'))('a limit of twenty digits, of prometheus/procfs (needs its fixtures)', () => {
  const limits = parseLimits(readFileSync(vector('prometheus-procfs/decoded/fixtures/proc/26231/limits'), 'utf8'))
  expect(limits.RLIMIT_MEMLOCK).toEqual({ soft: 18446744073708503040n, hard: 18446744073708503040n, units: 'bytes' })
})
