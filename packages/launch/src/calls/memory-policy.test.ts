import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { memoryPolicy } from './memory-policy.ts'

test('mode, nodes and flags are one call', () => {
  expect(explain([...memoryPolicy({ mode: 'MPOL_INTERLEAVE', nodes: [0, 1], flags: ['MPOL_F_STATIC_NODES'] }), ...memoryPolicy({ mode: 'MPOL_LOCAL' })], { why: false })).toEqual([
    'set_mempolicy(MPOL_INTERLEAVE|MPOL_F_STATIC_NODES, [0x00000000000003], 65)', 'set_mempolicy(MPOL_LOCAL, NULL, 0)',
  ])
})

test('what is none is refused', () => {
  expect(() => memoryPolicy({ mode: 'MPOL_NONE' as 'MPOL_BIND' })).toThrow(TypeError)
  expect(() => memoryPolicy({ mode: 'MPOL_BIND', nodes: [-1] })).toThrow(RangeError)
})
