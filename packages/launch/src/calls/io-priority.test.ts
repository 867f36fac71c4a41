import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { ioPriority } from './io-priority.ts'

test.each([
  [{ class: 'IOPRIO_CLASS_BE', level: 7 }, 'IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 7)'],
  [{ class: 'IOPRIO_CLASS_RT' }, 'IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 4)'],
  [{ class: 'IOPRIO_CLASS_IDLE' }, 'IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)'],
  [{ class: 'IOPRIO_CLASS_NONE' }, 'IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0)'],
] as const)('%j', (priority, printed) => {
  expect(explain(ioPriority(priority), { why: false })).toEqual([`ioprio_set(IOPRIO_WHO_PROCESS, 0, ${printed})`])
})

test('what is none is refused', () => {
  expect(() => ioPriority({ class: 'IOPRIO_CLASS_BE', level: 8 })).toThrow('IOPRIO_CLASS_BE has no level 8: it has 0 to 7')
  expect(() => ioPriority({ class: 'IOPRIO_CLASS_IDLE', level: 1 })).toThrow(RangeError)
  expect(() => ioPriority({ class: 'toString' as 'IOPRIO_CLASS_BE' })).toThrow(TypeError)
})
