import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { privatePropagation, propagation, type Propagation } from './index.ts'

test.each([
  ['shared', 'MS_SHARED', false], ['slave', 'MS_SLAVE', false], ['private', 'MS_PRIVATE', false], ['unbindable', 'MS_UNBINDABLE', false],
  ['rshared', 'MS_SHARED', true], ['rslave', 'MS_SLAVE', true], ['rprivate', 'MS_PRIVATE', true], ['runbindable', 'MS_UNBINDABLE', true],
] as const)('%s', (kind, flag, recursive) => {
  expect(propagation(kind, '/a')).toEqual([
    { name: 'mount_setattr', args: ['AT_FDCWD', '/a', recursive ? ['AT_RECURSIVE'] : [], { propagation: [flag] }], why: expect.stringMatching(/^[a-z]/) as string },
  ])
})

test('is private from the root on, in one call', () => {
  expect(explain(privatePropagation(), { why: false })).toEqual(['mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)'])
  expect(check(privatePropagation())).toEqual([])
})

test('refuses a kind that does not exist', () => {
  expect(() => propagation('rself' as Propagation, '/')).toThrow('There is no propagation "rself"')
  expect(() => propagation('constructor' as Propagation, '/')).toThrow(TypeError)
})
