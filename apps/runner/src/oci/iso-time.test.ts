import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime } from './iso-time.ts'

test('as the engine writes it, on every day that a clock of this machine may show', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) }), (millis) => {
    expect(isoTime(millis)).toBe(new Date(millis).toISOString())
  }))
})

test.each(['2000-02-29T00:00:00.000Z', '2100-02-28T23:59:59.999Z', '2100-03-01T00:00:00.000Z', '2027-12-31T23:59:59.009Z', '1970-01-01T00:00:00.000Z'])('%s', (text) => {
  expect(isoTime(Date.parse(text))).toBe(text)
})

test('without fractions of a second, as logs have it', () => {
  expect(isoTime(Date.parse('2026-11-29T19:07:20.999Z'), { fraction: false })).toBe('2026-11-29T19:07:20Z')
})
