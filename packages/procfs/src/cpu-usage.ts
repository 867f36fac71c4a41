import { type Stat, USER_HZ } from './stat.ts'
import type { CpuTime, SystemStat } from './system-stat.ts'

const MILLIS = 1000

/**
 * The processor time that a process took between two reads of its stat, in per cent of one processor; children that it has
 * waited for are not counted.
 *
 * @param elapsedMillis between the two reads, by a clock that is not set
 * @example
 * const before = proc.self.stat()
 * processCpuPercent(before, { ...before, utimeTicks: before.utimeTicks + 50 }, 1000) // 50
 */
export function processCpuPercent(before: Stat, after: Stat, elapsedMillis: number): number {
  if (before.pid !== after.pid || before.starttimeTicks !== after.starttimeTicks) throw new TypeError(`Cannot compare the processor time of two processes, ${before.pid} and ${after.pid}`)
  if (!(elapsedMillis > 0)) throw new RangeError(`Cannot compare processor time after ${elapsedMillis} ms`)
  const ticks = after.utimeTicks + after.stimeTicks - before.utimeTicks - before.stimeTicks
  return Math.max(0, (100 * ticks * MILLIS) / (USER_HZ * elapsedMillis))
}

/** How much processors did. */
export interface CpuUsage {
  /** Of all processors, in per cent of their time: 0 to 100. */
  readonly percent: number
  /** By processor number; one that went on- or offline meanwhile is absent. */
  readonly cpus: ReadonlyMap<number, number>
}

const idle = (time: CpuTime): number => time.idleTicks + time.iowaitTicks
// guest and guestNice are already in user and nice.
const total = (time: CpuTime): number => time.userTicks + time.niceTicks + time.systemTicks + idle(time) + time.irqTicks + time.softirqTicks + time.stealTicks

function busyPercent(before: CpuTime, after: CpuTime): number {
  // idle and iowait can go backwards.
  const all = Math.max(0, total(after) - total(before))
  const free = Math.min(Math.max(0, idle(after) - idle(before)), all)
  return all === 0 ? 0 : (100 * (all - free)) / all
}

/**
 * How much the processors of the machine did between two reads of /proc/stat: everything but idle time and waiting for disks.
 *
 * @example
 * const before = proc.stat()
 * cpuUsage(before, proc.stat()).percent // e.g. 37.5
 */
export function cpuUsage(before: SystemStat, after: SystemStat): CpuUsage {
  const cpus = new Map<number, number>()
  for (const [cpu, time] of after.cpus) {
    const earlier = before.cpus.get(cpu)
    if (earlier !== undefined) cpus.set(cpu, busyPercent(earlier, time))
  }
  return { percent: busyPercent(before.cpu, after.cpu), cpus }
}
