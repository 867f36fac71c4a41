import { defined } from './defined.ts'
import { parseCount, parseFlatKeyed } from './flat-keyed.ts'
import type { ReadFile } from './memory-stat.ts'

/** CPU time of the group and everything below it, all in nanoseconds. What this kernel does not tell is absent. */
export interface CpuStat {
  readonly usageNanos?: number
  readonly userNanos?: number
  readonly systemNanos?: number
  /** Periods in which the group wanted to run; counted only while it has a quota. */
  readonly periods?: number
  readonly throttledPeriods?: number
  readonly throttledNanos?: number
  /** Periods in which saved-up quota was used. Since Linux 5.15. */
  readonly bursts?: number
  readonly burstNanos?: number
}

/** @param read of the group's cpu and cpuacct directories: v1 may mount them apart */
export function cpuStat(version: 1 | 2, read: ReadFile): CpuStat {
  const stat = parseFlatKeyed(read('cpu.stat') ?? '')
  const values: { [K in keyof CpuStat]?: number | undefined } =
    version === 1
      ? {
          usageNanos: parseCount(read('cpuacct.usage')),
          // Not cpuacct.stat: that is in USER_HZ, a hundredth of a second.
          userNanos: parseCount(read('cpuacct.usage_user')),
          systemNanos: parseCount(read('cpuacct.usage_sys')),
          // kernel/sched/core.c cpu_cfs_stat_show: nanoseconds on v1, cpu_extra_stat_show divides by 1000 on v2.
          throttledNanos: stat['throttled_time'],
          burstNanos: stat['burst_time'],
        }
      : {
          usageNanos: micros(stat['usage_usec']),
          userNanos: micros(stat['user_usec']),
          systemNanos: micros(stat['system_usec']),
          throttledNanos: micros(stat['throttled_usec']),
          burstNanos: micros(stat['burst_usec']),
        }
  return defined({ ...values, periods: stat['nr_periods'], throttledPeriods: stat['nr_throttled'], bursts: stat['nr_bursts'] }) as CpuStat
}

function micros(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value * 1000
}
