import { expect, test } from 'vitest'
import { parentDeathSignal } from './parent-death.ts'

test('the parent is asked for behind it: before, it could die in between', () => {
  expect(parentDeathSignal('SIGTERM', 17).map(({ name, args, returns }) => [name, args, returns])).toEqual([
    ['prctl', ['PR_SET_PDEATHSIG', 'SIGTERM'], undefined],
    ['getppid', [], 17],
  ])
  expect(parentDeathSignal('SIGTERM')).toHaveLength(1)
})
