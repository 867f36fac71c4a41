import type { Stat } from '@ctr/cgroup'

/** What a group uses, in the words of runc's events, which programs read. */
export function statsEvent(id: string, { cpu = {}, memory, pids }: Stat): object {
  const amount = (usage: number | undefined, limit?: number | null, max?: number) => ({ usage: usage ?? 0, ...(limit === undefined || limit === null ? {} : { limit }), ...(max === undefined ? {} : { max }) })
  return {
    type: 'stats', id,
    data: {
      cpu: {
        usage: { total: cpu.usageNanos ?? 0, kernel: cpu.systemNanos ?? 0, user: cpu.userNanos ?? 0 },
        throttling: { periods: cpu.periods ?? 0, throttledPeriods: cpu.throttledPeriods ?? 0, throttledTime: cpu.throttledNanos ?? 0 },
      },
      memory: memory ? { usage: amount(memory.usageBytes, memory.limitBytes, memory.peakBytes), ...(memory.fileBytes === undefined ? {} : { cache: memory.fileBytes }), ...(memory.swapBytes === undefined ? {} : { swap: amount(memory.swapBytes) }) } : {},
      pids: pids ? { current: pids.current, ...(pids.max === null ? {} : { limit: pids.max }) } : {},
    },
  }
}
