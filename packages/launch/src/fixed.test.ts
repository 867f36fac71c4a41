import { expect, test } from 'vitest'
import { sys } from '@ctr/syscall'
import { encoded } from './encoded.ts'
import { fixed } from './fixed.ts'

test('nothing of it can be changed, and each call is encoded once', () => {
  const [call] = fixed([sys.umount2('/', ['MNT_DETACH'], 'it is in the way')])
  expect(() => (call!.args[1] as string[]).push('MNT_FORCE')).toThrow(TypeError)
  expect(() => Object.assign(call!, { why: 'x' })).toThrow(TypeError)
  expect(encoded(call!, 'x64')).toBeUndefined()
  expect(encoded(call!, 'x64')).toBeDefined()
  expect(encoded(call!, 'x64')).toBe(encoded(call!, 'x64'))
})
