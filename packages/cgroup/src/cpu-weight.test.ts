import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharesOfWeight, weightOfShares } from './cpu-weight.ts'

test('minimum, default and maximum meet', () => {
  expect([2, 1024, 262144].map(weightOfShares)).toEqual([1, 100, 10000])
  expect([1, 100, 10000].map(sharesOfWeight)).toEqual([2, 1024, 262144])
})

test('both directions are monotonic and stay in range', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 262143 }), (shares) => {
      expect(weightOfShares(shares)).toBeLessThanOrEqual(weightOfShares(shares + 1))
      expect(weightOfShares(shares)).toBeGreaterThanOrEqual(1)
    }),
  )
})

test('a weight survives shares and back, to within its rounding', () => {
  for (let weight = 1; weight <= 10000; weight++) expect(Math.abs(weightOfShares(sharesOfWeight(weight)) - weight)).toBeLessThanOrEqual(1 + weight / 100)
})
