import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseLoadavg } from './loadavg.ts'
import { parseMeminfo } from './meminfo.ts'
import { parseSystemStat } from './system-stat.ts'
import { parseUptime } from './uptime.ts'

test('meminfo: captured, every line has a field', () => {
  const text = fixture('system/meminfo')
  const meminfo = parseMeminfo(text)
  expect(meminfo.unknown).toEqual({})
  expect(Object.keys(meminfo).length).toBe(text.trimEnd().split('\n').length + 1)
  expect(meminfo).toMatchObject({ memTotalBytes: 24684092 * 1024, hugePagesTotal: 0, hugepageSizeBytes: 2 ** 21, vmallocTotalBytes: 34359738367 * 1024 })
})

test('meminfo: unknown lines are kept, malformed ones are errors', () => {
  expect(parseMeminfo('MemTotal: 1 kB\nNewThing: 5 kB\n').unknown).toEqual(Object.assign(Object.create(null), { NewThing: '5 kB' }))
  expect(() => parseMeminfo('MemFree: 1 kB\n')).toThrow('MemTotal')
  expect(() => parseMeminfo('MemTotal: 1\n')).toThrow('a size in kB')
  expect(() => parseMeminfo('')).toThrow('MemTotal')
})

test('stat: captured', () => {
  const stat = parseSystemStat(fixture('system/stat'))
  expect([...stat.cpus.keys()]).toEqual([0, 1])
  expect(stat.bootTimeSeconds).toBe(1795334309)
  expect(stat.unknown).toEqual({})
  const { userTicks } = stat.cpu
  expect(Math.abs(userTicks - stat.cpus.get(0)!.userTicks - stat.cpus.get(1)!.userTicks)).toBeLessThan(3)
})

test('stat: an empty or cut file is an error', () => {
  expect(() => parseSystemStat('')).toThrow('a line for cpu')
  expect(() => parseSystemStat('cpu  1 2 3\n')).toThrow('ten times')
  expect(() => parseSystemStat(fixture('system/stat').replace(/^softirq.*\n/m, ''))).toThrow('a line for softirq')
})

test('loadavg and uptime', () => {
  expect(parseLoadavg('0.56 0.27 0.12 1/86 5239\n')).toEqual({ one: 0.56, five: 0.27, fifteen: 0.12, runnable: 1, total: 86, lastPid: 5239 })
  expect(parseUptime('985.57 1889.92\n')).toEqual({ uptimeSeconds: 985.57, idleSeconds: 1889.92 })
  expect(parseLoadavg(fixture('system/loadavg')).total).toBeGreaterThan(1)
  expect(parseUptime(fixture('system/uptime')).uptimeSeconds).toBeGreaterThan(1)
  expect(() => parseLoadavg('0.56 0.27')).toThrow('three averages')
  expect(() => parseUptime('x y')).toThrow('two times')
})

test.skipIf(!hasVectors('gopsutil-proc'))('meminfo and stat of gopsutil (needs its fixtures)', () => {
  const memory = vector('gopsutil-proc/files/mem/testdata/linux/virtualmemory/')
  for (const machine of readdirSync(memory)) {
    expect(parseMeminfo(readFileSync(new URL(`${machine}/proc/meminfo`, memory), 'utf8')).memTotalBytes).toBeGreaterThan(2 ** 20)
  }
  const stat = parseSystemStat(readFileSync(vector('gopsutil-proc/files/cpu/testdata/linux/424/proc/stat'), 'utf8'))
  expect(stat.cpu).toMatchObject({ userTicks: 23644, idleTicks: 134931750 })
  expect(() => parseSystemStat(readFileSync(vector('gopsutil-proc/files/cpu/testdata/linux/times_empty/proc/stat'), 'utf8'))).toThrow('a line for cpu')
})

test.skipIf(!hasVectors('prometheus-procfs'))('the machine of prometheus/procfs (needs its fixtures)', () => {
  const read = (name: string) => readFileSync(vector(`prometheus-procfs/decoded/fixtures/proc/${name}`), 'utf8')
  expect(parseMeminfo(read('meminfo'))).toMatchObject({ memTotalBytes: 15666184 * 1024 })
  expect(parseSystemStat(read('stat')).cpus.size).toBe(8)
  expect(parseLoadavg(read('loadavg'))).toMatchObject({ one: 0.02, total: 497 })
})
