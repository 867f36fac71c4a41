import { expect, test } from 'vitest'
import { capabilities, defaultCapabilities, encode } from './index.ts'

test('knows 41 capabilities, in the order of their bits', () => {
  expect(capabilities).toHaveLength(41)
  expect(capabilities[0]).toBe('CAP_CHOWN')
  expect(capabilities[21]).toBe('CAP_SYS_ADMIN')
  expect(capabilities[40]).toBe('CAP_CHECKPOINT_RESTORE')
})

test("the default is what a Docker container's status shows", () => {
  expect(defaultCapabilities).toHaveLength(14)
  expect(encode(defaultCapabilities)).toBe('00000000a80425fb')
})
