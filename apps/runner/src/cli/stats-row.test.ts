import { expect, test } from 'vitest'
import { cpuPercent, statsColumns } from './stats-row.ts'
import { table } from './table.ts'

test('CPU is in percent of one CPU', () => {
  expect(cpuPercent({ cpu: { usageNanos: 1e9 } }, { cpu: { usageNanos: 1.2e9 } }, 1e9)).toBeCloseTo(20)
  expect(cpuPercent({}, { cpu: { usageNanos: 1 } }, 1e9)).toBeUndefined()
  expect(cpuPercent({ cpu: { usageNanos: 0 } }, { cpu: { usageNanos: 1 } }, 0)).toBeUndefined()
})

test('what has no limit shows a dash', () => {
  const rows = [
    { id: 'a', name: 'web', cpuPercent: 19.6, stat: { memory: { usageBytes: 503808, peakBytes: 503808, limitBytes: 67108864 }, cpu: { usageNanos: 1, periods: 7, throttledPeriods: 6 }, pids: { current: 1, max: 20, refused: 3 } } },
    { id: 'b', name: 'free', cpuPercent: undefined, stat: { memory: { usageBytes: 1024, limitBytes: null }, pids: { current: 2, max: null } } },
  ]
  expect(table(statsColumns, rows, { width: 100 })).toMatchSnapshot()
})
