import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { endAll } from '../src/fixtures/world.ts'
import { cases } from './comparison.ts'
import { cannotCompare, files, names } from './inits.ts'

afterAll(files.remove)
afterEach(endAll)

const missing = names.map(cannotCompare).find((reason) => reason !== false) ?? false
describe.skipIf(missing)(`what inits do${missing ? `: ${missing}` : ''}`, () => {
  test.each(cases)('$what', { timeout: 120_000 }, async ({ observe, expect: expected }) => {
    const found = await Promise.all(names.map(async (name) => [name, await observe(name)]))
    expect(Object.fromEntries(found)).toEqual(typeof expected === 'string' ? Object.fromEntries(names.map((name) => [name, expected])) : expected)
  })
})
