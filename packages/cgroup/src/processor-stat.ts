import { parseCount } from './flat-keyed.ts'
import type { ReadFile } from './memory-stat.ts'

/** What the group and everything below it have run on one processor, in nanoseconds. */
export interface ProcessorStat {
  readonly usageNanos: number
  /** By the tick, so with `systemNanos` it does not add up to `usageNanos` exactly. */
  readonly userNanos?: number
  readonly systemNanos?: number
}

/**
 * CPU time by number of the processor; only v1 tells it.
 *
 * @param read of the group's cpuacct directory
 * @returns undefined where the kernel does not tell
 * @see Documentation/admin-guide/cgroup-v1/cpuacct.rst
 * @see kernel/sched/cpuacct.c: both files go through the possible processors in the same order
 */
export function processorStat(read: ReadFile): Readonly<Record<number, ProcessorStat>> | undefined {
  const usage = read('cpuacct.usage_percpu')?.trim().split(/\s+/).map(parseCount)
  if (usage === undefined) return undefined
  const rows = [...(read('cpuacct.usage_all') ?? '').matchAll(/^(\d+) (\d+) (\d+)$/gm)]
  return Object.fromEntries(usage.flatMap((usageNanos, i) => {
    if (usageNanos === undefined) return []
    const [processor, userNanos, systemNanos] = rows[i]?.slice(1).map(Number) ?? []
    return [[processor ?? i, { usageNanos, ...(userNanos === undefined || systemNanos === undefined ? {} : { userNanos, systemNanos }) }]]
  }))
}
