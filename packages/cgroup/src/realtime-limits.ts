import type { Layout } from './layout.ts'
import { checkInteger, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** The time that real-time threads of the group get, of each period; v1 with CONFIG_RT_GROUP_SCHED only. @see Documentation/scheduler/sched-rt-group.rst */
export function realtimeWrites(layout: Layout, { cpuRealtimeRuntimeMicros, cpuRealtimePeriodMicros }: Limits): LimitWrite[] {
  if (cpuRealtimeRuntimeMicros === undefined && cpuRealtimePeriodMicros === undefined) return []
  if (versionOf(layout, 'cpu') === 2) throw new TypeError('Cannot set a real-time budget: v2 has none, real-time processes live in its root group only')
  const writes: LimitWrite[] = []
  // The period first: a new group has a runtime of 0, which fits in any.
  if (cpuRealtimePeriodMicros !== undefined) {
    checkInteger('cpu.rt_period_us', cpuRealtimePeriodMicros, 1, 2 ** 31 - 1, false)
    writes.push({ controller: 'cpu', file: 'cpu.rt_period_us', value: String(cpuRealtimePeriodMicros) })
  }
  if (cpuRealtimeRuntimeMicros !== undefined) {
    checkInteger('cpu.rt_runtime_us', cpuRealtimeRuntimeMicros, 0, cpuRealtimePeriodMicros ?? 2 ** 31 - 1, false)
    writes.push({ controller: 'cpu', file: 'cpu.rt_runtime_us', value: String(cpuRealtimeRuntimeMicros) })
  }
  return writes
}
