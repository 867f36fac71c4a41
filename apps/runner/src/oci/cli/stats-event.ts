import type { Pressure, PressureLine } from '@ctr/cgroup'
import type { BlkioEntry, MemoryCounter, Usage } from './usage.ts'

/** What a group uses, in the words of runc's events, which programs read. Counters without a value are there as 0. */
export function statsEvent(id: string, { cpu = {}, cpuset, memory, pids, processors = {}, hugetlb = {}, blkio, pressure = {} }: Usage): object {
  const each = Object.values(processors)
  return {
    type: 'stats', id,
    data: {
      cpu: {
        usage: {
          total: cpu.usageNanos ?? 0,
          ...(each.length === 0 ? {} : { percpu: each.map(({ usageNanos }) => usageNanos), percpu_kernel: each.map(({ systemNanos = 0 }) => systemNanos), percpu_user: each.map(({ userNanos = 0 }) => userNanos) }),
          kernel: cpu.systemNanos ?? 0, user: cpu.userNanos ?? 0,
        },
        throttling: { periods: cpu.periods ?? 0, throttledPeriods: cpu.throttledPeriods ?? 0, throttledTime: cpu.throttledNanos ?? 0 },
        ...psi(pressure.cpu),
      },
      cpuset: cpuset ? { cpus: cpuset.cpus, mems: cpuset.mems, ...cpuset.flags } : {},
      memory: memory ? { cache: memory.cache, usage: counter(memory.usage), swap: counter(memory.swap), kernel: counter(memory.kernel), kernelTCP: counter(memory.kernelTCP), raw: memory.raw, ...psi(pressure.memory) } : {},
      pids: pids ? { current: pids.current, ...(pids.max === null ? {} : { limit: pids.max }) } : {},
      blkio: { ...entries('ioServiceBytesRecursive', blkio?.bytes), ...entries('ioServicedRecursive', blkio?.operations), ...psi(pressure.io) },
      hugetlb: Object.fromEntries(Object.entries(hugetlb).map(([size, { usageBytes, peakBytes = 0, limitHits = 0 }]) => [size, { usage: usageBytes, max: peakBytes, failcnt: limitHits }])),
      intel_rdt: {},
      network_interfaces: null,
    },
  }
}

const counter = ({ limit, usage, max, failcnt }: MemoryCounter) => ({ limit, usage, max, failcnt })

const entries = (name: string, list: readonly BlkioEntry[] = []) => (list.length === 0 ? {} : { [name]: list.map(({ major, minor, op, value }) => ({ major, minor, op, value })) })

const line = ({ avg10Percent, avg60Percent, avg300Percent, totalMicros }: PressureLine) => ({ avg10: avg10Percent, avg60: avg60Percent, avg300: avg300Percent, total: totalMicros })

const psi = (pressure: Pressure | undefined) => (pressure ? { psi: { ...(pressure.some ? { some: line(pressure.some) } : {}), ...(pressure.full ? { full: line(pressure.full) } : {}) } } : {})

/** JSON of one line, with integers of 64 bits as they are: "no limit" is 2^64 - 1, and a number would round it up to what no reader takes. */
export function wideJson(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `\0${each}` : each)).replace(/"\\u0000(\d+)"/g, '$1')
}
