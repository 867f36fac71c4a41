import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { affinity, nice, scheduler } from './scheduling.ts'

test('nice and affinity', () => {
  expect(explain([...nice(5), ...affinity([1, 0])], { why: false })).toEqual(['setpriority(PRIO_PROCESS, 0, 5)', 'sched_setaffinity(0, 8, [0 1])'])
})

test('each member has its place', () => {
  expect(explain(scheduler({ policy: 'SCHED_RR', priority: 10, flags: ['SCHED_FLAG_RESET_ON_FORK'] }), { why: false })).toEqual([
    'sched_setattr(0, {size=56, sched_policy=SCHED_RR, sched_flags=SCHED_FLAG_RESET_ON_FORK, sched_nice=0, sched_priority=10, sched_runtime=0, sched_deadline=0, sched_period=0, sched_util_min=0, sched_util_max=0}, 0)',
  ])
  expect(explain(scheduler({ policy: 'SCHED_DEADLINE', runtimeNanos: 1, deadlineNanos: 2, periodNanos: 3 }), { why: false })[0]).toContain('sched_runtime=1, sched_deadline=2, sched_period=3')
  expect(explain(scheduler({ policy: 'SCHED_BATCH', nice: -3 }), { why: false })[0]).toContain('sched_policy=SCHED_BATCH, sched_flags=0, sched_nice=-3')
})

test('what is none is refused', () => {
  expect(() => scheduler({ policy: 'SCHED_NONE' as 'SCHED_RR' })).toThrow(TypeError)
  expect(() => affinity([])).toThrow(TypeError)
  expect(() => nice(0.5)).toThrow(RangeError)
})
