import { expect, test } from 'vitest'
import { cpuUsage, processCpuPercent } from './cpu-usage.ts'
import { fixture } from './fixtures/fixture.ts'
import { parseStat } from './stat.ts'
import { parseSystemStat } from './system-stat.ts'

const stat = parseStat(fixture('process/stat'))

test('of a process: ticks of 10 ms over the time that passed', () => {
  expect(processCpuPercent(stat, { ...stat, utimeTicks: stat.utimeTicks + 20, stimeTicks: stat.stimeTicks + 5 }, 1000)).toBe(25)
  expect(processCpuPercent(stat, { ...stat, utimeTicks: stat.utimeTicks + 25 }, 100)).toBe(250)
  expect(processCpuPercent(stat, stat, 10)).toBe(0)
  expect(() => processCpuPercent(stat, { ...stat, starttimeTicks: 1 }, 10)).toThrow('of two processes')
  expect(() => processCpuPercent(stat, stat, 0)).toThrow('after 0 ms')
})

test('of the machine: what is neither idle nor waiting for a disk', () => {
  const machine = (user: number, idle: number, iowait: number, guest: number) => parseSystemStat(
    `cpu  ${user} 0 0 ${idle} ${iowait} 0 0 0 ${guest} 0\ncpu0 ${user} 0 0 ${idle} ${iowait} 0 0 0 ${guest} 0\nintr 0\nctxt 0\nbtime 1\nprocesses 1\nprocs_running 1\nprocs_blocked 0\nsoftirq 0\n`,
  )
  const usage = cpuUsage(machine(100, 100, 100, 50), machine(130, 150, 120, 80))
  // 30 of user, in which the guest's are; 50 idle, 20 waiting.
  expect(usage.percent).toBe(30)
  expect([...usage.cpus]).toEqual([[0, 30]])
  expect(cpuUsage(machine(0, 10, 0, 0), machine(0, 10, 0, 0)).percent).toBe(0)
  // idle and iowait can go backwards.
  expect(cpuUsage(machine(0, 10, 5, 0), machine(10, 9, 3, 0)).percent).toBe(100)
})
