import { describe, expect, test } from 'vitest'
import { eventsBetween, type Reading } from './event-diff.ts'
import { samplingMillis, trigger } from './pressure-trigger.ts'
import { checkTrigger, type PressureTrigger } from './pressure-trigger.ts'

const reading = (counts: Reading['counts'], limitMet: Record<string, number> = {}, rest: Partial<Reading> = {}): Reading => ({ counts, limitMet: new Map(Object.entries(limitMet)), exact: true, ...rest })

describe('eventsBetween', () => {
  test('nothing, and what was there before, is no event', () => {
    expect(eventsBetween(reading({ max: 3, oom_kill: 1 }, {}, { populated: true }), reading({ max: 3, oom_kill: 1 }, {}, { populated: true }))).toEqual([])
  })

  test('counts are summed up; the end comes last', () => {
    const [before, after] = [reading({ max: 3, oom: 0, oom_kill: 1 }, { '/a': 0 }, { populated: true }), reading({ max: 9, oom: 1, oom_kill: 4, pids_max: 2 }, { '/a': 1 }, { populated: false })]
    expect(eventsBetween(before, after)).toEqual([
      { kind: 'max', count: 6, total: 9 },
      { kind: 'oom', count: 1, total: 1 },
      { kind: 'oom_kill', count: 3, total: 4, cause: '/a' },
      { kind: 'pids_max', count: 2, total: 2 },
      { kind: 'populated', populated: false },
    ])
  })

  test.each<[string, Reading['counts'], Record<string, number>, boolean, object]>([
    ['the group itself, or one above or below', { oom: 1 }, { '/a': 0, '/a/b': 5, '/': 1 }, true, { cause: '/a/b' }],
    ['a group below that is new', { oom: 1 }, { '/a': 0, '/a/b': 4, '/a/c': 1 }, true, { cause: '/a/c' }],
    ['none of them: the machine', { oom: 0 }, { '/a': 0, '/a/b': 4 }, true, { cause: null }],
    ['a group below that is gone already', { oom: 1 }, { '/a': 0 }, true, {}],
    ['two at once', { oom: 2 }, { '/a': 1, '/a/b': 5 }, true, {}],
    ['v1, one limit was met', {}, { '/a': 0, '/a/b': 7 }, false, { cause: '/a/b' }],
    ['v1, none was', {}, { '/a': 0, '/a/b': 4 }, false, { cause: null }],
  ])('who caused a kill: %s', (_, counts, limitMet, exact, expected) => {
    const before = reading({ oom: 0, oom_kill: 0 }, { '/a': 0, '/a/b': 4, '/': 1 }, { exact })
    expect(eventsBetween(before, reading({ ...counts, oom_kill: 1 }, limitMet, { exact })).filter(({ kind }) => kind === 'oom_kill')).toEqual([{ kind: 'oom_kill', count: 1, total: 1, ...expected }])
  })
})

test('v1: a group that is at its limit of memory and swap is one more that may have been it', () => {
  const v1 = (oom_kill: number, limitMet: Record<string, number>, full: string[]) => eventsBetween(reading({ oom_kill: 0 }, { '/a': 0, '/': 0 }), reading({ oom_kill }, limitMet, { exact: false, full }))
  expect([v1(1, { '/a': 0, '/': 0 }, ['/a']), v1(1, { '/a': 2, '/': 0 }, ['/a']), v1(1, { '/a': 0, '/': 2 }, ['/a'])].map(([event]) => (event as { cause?: string }).cause)).toEqual(['/a', '/a', undefined])
})

test('the cause may have been counted in an earlier reading than the kill', () => {
  const [base, before, after] = [reading({ oom: 0 }, { '/a': 0 }), reading({ oom: 1 }, { '/a': 1 }), reading({ oom: 1, oom_kill: 1 }, { '/a': 1 })]
  expect(eventsBetween(before, after, base)).toEqual([{ kind: 'oom_kill', count: 1, total: 1, cause: '/a' }])
  expect(eventsBetween(before, after)).toEqual([{ kind: 'oom_kill', count: 1, total: 1, cause: null }])
})

describe('pressure triggers', () => {
  const wanted: PressureTrigger = { resource: 'memory', stallMicros: 100_000, windowMicros: 1_000_000 }

  test('fire when enough is stalled within the window, once a window', () => {
    const sample = trigger(wanted)
    // 20 ms of waiting in each 100 ms: a fifth.
    const fired = Array.from({ length: 31 }, (_, index) => sample(index * 20_000, index * 100_000)).map((event, index) => event && [index, event.stalledMicros]).filter(Boolean)
    expect(fired).toEqual([[5, 100_000], [15, 200_000], [25, 200_000]])
  })

  test('what is older than the window does not count', () => {
    const sample = trigger(wanted)
    expect([sample(0, 0), sample(99_000, 100_000), sample(99_000, 1_100_000), sample(110_000, 1_300_000), sample(198_000, 1_400_000)]).toEqual([undefined, undefined, undefined, undefined, undefined])
    expect(sample(210_000, 1_500_000)).toEqual({ kind: 'pressure', resource: 'memory', line: 'some', stalledMicros: 111_000 })
  })

  test('are looked at ten times a window, and not more than every 50 ms', () => {
    expect([500_000, 1_000_000, 10_000_000].map((windowMicros) => samplingMillis({ ...wanted, windowMicros }))).toEqual([50, 100, 1000])
  })

  test.each<[Partial<PressureTrigger> | { resource: string }, string]>([
    [{ resource: 'disk' }, "resource is not 'cpu', 'memory' or 'io'"],
    [{ windowMicros: 499_999 }, 'windowMicros is not a whole number from 500000 to 10000000'],
    [{ stallMicros: 1_000_001 }, 'stallMicros is not a whole number from 1 to windowMicros'],
  ])('refuses %j', (change, why) => {
    expect(() => checkTrigger({ ...wanted, ...change } as PressureTrigger)).toThrow(why)
  })
})
