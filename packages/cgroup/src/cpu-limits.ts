import { sharesOfWeight, weightOfShares } from './cpu-weight.ts'
import type { Layout } from './layout.ts'
import { checkInteger, show, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** @see Documentation/scheduler/sched-bwc.rst; cgroup-v2.rst, "CPU Interface Files" */
export function cpuWrites(layout: Layout, limits: Limits): LimitWrite[] {
  const { cpuShares, cpuWeight, cpuBurstMicros, cpuIdle } = limits
  const bandwidth = bandwidthOf(limits)
  if (!bandwidth && cpuShares === undefined && cpuWeight === undefined && cpuBurstMicros === undefined && cpuIdle === undefined) return []
  const version = versionOf(layout, 'cpu')
  const writes: LimitWrite[] = []
  if (cpuShares !== undefined && cpuWeight !== undefined) throw new TypeError('Cannot set cpuShares and cpuWeight: both say the same thing')
  if (cpuShares !== undefined) checkInteger('cpu.shares', cpuShares, 2, 262144, false)
  if (cpuWeight !== undefined) checkInteger('cpu.weight', cpuWeight, 1, 10000, false)
  if (cpuShares !== undefined || cpuWeight !== undefined) {
    writes.push(
      version === 1
        ? { controller: 'cpu', file: 'cpu.shares', value: String(cpuShares ?? sharesOfWeight(cpuWeight!)) }
        : { controller: 'cpu', file: 'cpu.weight', value: String(cpuWeight ?? weightOfShares(cpuShares!)) },
    )
  }
  if (bandwidth && version === 2) writes.push({ controller: 'cpu', file: 'cpu.max', value: `${bandwidth.quota} ${bandwidth.period}` })
  if (bandwidth && version === 1) {
    // The period first: a new group has no quota yet, so the ratio cannot exceed the parent's on the way.
    writes.push({ controller: 'cpu', file: 'cpu.cfs_period_us', value: String(bandwidth.period) })
    writes.push({ controller: 'cpu', file: 'cpu.cfs_quota_us', value: bandwidth.quota === 'max' ? '-1' : String(bandwidth.quota) })
  }
  if (cpuBurstMicros !== undefined) {
    const file = version === 1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst'
    checkInteger(file, cpuBurstMicros, 0, Number.MAX_SAFE_INTEGER, false)
    // tg_set_cfs_bandwidth: EINVAL above the quota.
    if (bandwidth && bandwidth.quota !== 'max' && cpuBurstMicros > bandwidth.quota) throw new RangeError(`Cannot set ${file} to ${cpuBurstMicros}: more than the quota (${bandwidth.quota})`)
    writes.push({ controller: 'cpu', file, value: String(cpuBurstMicros) })
  }
  if (cpuIdle !== undefined) {
    if (typeof cpuIdle !== 'boolean') throw new TypeError(`Cannot set cpu.idle to ${show(cpuIdle)}: not a boolean`)
    // The kernel refuses a weight while idle is set (EINVAL, sched_group_set_shares), and idle replaces the weight.
    if (cpuIdle && (cpuShares !== undefined || cpuWeight !== undefined)) throw new TypeError('Cannot set cpuIdle and a weight: an idle group has the least weight there is')
    const idle = { controller: 'cpu', file: 'cpu.idle', value: cpuIdle ? '1' : '0' }
    if (cpuIdle) writes.push(idle)
    else writes.unshift(idle)
  }
  return writes
}

function bandwidthOf({ cpus, cpuQuotaMicros, cpuPeriodMicros }: Limits): { quota: number | 'max'; period: number } | undefined {
  if (cpuPeriodMicros !== undefined) checkInteger('cpu period', cpuPeriodMicros, 1000, 1_000_000, false)
  const period = cpuPeriodMicros ?? 100_000
  if (cpus !== undefined) {
    if (cpuQuotaMicros !== undefined) throw new TypeError('Cannot set cpus and cpuQuotaMicros: both say the same thing')
    if (typeof cpus !== 'number') throw new TypeError(`Cannot set cpus to ${show(cpus)}: not a number`)
    const quota = Math.round(cpus * period)
    // tg_set_cfs_bandwidth: min_cfs_quota_period is 1 ms.
    if (!(quota >= 1000) || !Number.isSafeInteger(quota)) throw new RangeError(`Cannot set cpus to ${cpus}: the kernel's least quota is 1000 µs in each period of ${period} µs`)
    return { quota, period }
  }
  if (cpuQuotaMicros === undefined) {
    if (cpuPeriodMicros !== undefined) throw new TypeError(`Cannot set the cpu period to ${cpuPeriodMicros}: it needs a quota (v2 has both in one file)`)
    return undefined
  }
  checkInteger('cpu quota', cpuQuotaMicros, 1000, Number.MAX_SAFE_INTEGER)
  return { quota: cpuQuotaMicros, period }
}
