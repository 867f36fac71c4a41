import type { Stat } from '@ctr/cgroup'
import { formatSize } from './size.ts'
import type { Column } from './table.ts'

/** What a container used at one moment, and between two. */
export interface StatsRow {
  readonly id: string
  readonly name: string
  readonly stat: Stat
  /** Of one CPU; undefined where there is no moment before. */
  readonly cpuPercent: number | undefined
}

/** CPU time between two readings, in percent of one CPU. */
export function cpuPercent(before: Stat, after: Stat, elapsedNanos: number): number | undefined {
  const [from, to] = [before.cpu?.usageNanos, after.cpu?.usageNanos]
  return from === undefined || to === undefined || elapsedNanos <= 0 ? undefined : ((to - from) / elapsedNanos) * 100
}

const share = (part: number | undefined, of: number | null | undefined) => (part === undefined || of === null || of === undefined || of === 0 ? '' : ` (${Math.round((part / of) * 100)} %)`)

/** Unlimited is a dash, not the size of the machine. */
export const statsColumns: readonly Column<StatsRow>[] = [
  { title: 'NAME', value: ({ name }) => name, least: 10 },
  { title: 'CPU', value: ({ cpuPercent }) => (cpuPercent === undefined ? '-' : `${cpuPercent.toFixed(1)} %`), right: true },
  { title: 'THROTTLED', value: ({ stat: { cpu } }) => (cpu?.periods ? `${cpu.throttledPeriods ?? 0}/${cpu.periods} periods` : '-'), right: true, drop: 2 },
  { title: 'MEMORY', value: ({ stat: { memory } }) => (memory === undefined ? '-' : `${formatSize(memory.usageBytes)} / ${typeof memory.limitBytes === 'number' ? formatSize(memory.limitBytes) : '-'}${share(memory.usageBytes, memory.limitBytes)}`), right: true },
  { title: 'PEAK', value: ({ stat: { memory } }) => (memory?.peakBytes === undefined ? '-' : formatSize(memory.peakBytes)), right: true, drop: 3 },
  { title: 'PIDS', value: ({ stat: { pids } }) => (pids === undefined ? '-' : `${pids.current} / ${pids.max ?? '-'}`), right: true },
  { title: 'REFUSED', value: ({ stat: { pids } }) => String(pids?.refused ?? 0), right: true, drop: 4 },
]
