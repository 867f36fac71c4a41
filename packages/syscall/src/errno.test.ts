import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { errnoName, errnoTable } from './index.ts'

test("names and numbers are this machine's", () => {
  for (const [name, value] of Object.entries(constants.errno)) {
    // Two names of one number: the kernel's headers define the second by the first.
    if (name === 'EWOULDBLOCK' || name === 'ENOTSUP') continue
    expect(errnoTable).toHaveProperty(name, value)
  }
})

test('both ways', () => {
  for (const [name, value] of Object.entries(errnoTable)) expect(errnoName(value)).toBe(name)
})

test('a number without a name is shown', () => expect(errnoName(4000)).toBe('errno 4000'))
