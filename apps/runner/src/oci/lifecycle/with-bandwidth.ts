import { read, type Group, type Limits } from '@ctr/cgroup'

/** Of a quota and its period, which the kernel takes at once, what is not to change is as it is in the group. */
export function withBandwidth(group: Group, limits: Limits): Limits {
  const { cpuPeriodMicros, cpuQuotaMicros } = limits
  const place = group.places.find(({ controllers }) => controllers.includes('cpu'))
  if (!place || (cpuPeriodMicros === undefined) === (cpuQuotaMicros === undefined)) return limits
  const files = place.version === 1 ? ['cpu.cfs_quota_us', 'cpu.cfs_period_us'] : ['cpu.max']
  const [quota, period] = files.flatMap((file) => read(group, file).trim().split(' ')).map(Number)
  return { ...limits, cpuQuotaMicros: cpuQuotaMicros ?? (quota! > 0 ? quota! : 'max'), cpuPeriodMicros: cpuPeriodMicros ?? period! }
}
