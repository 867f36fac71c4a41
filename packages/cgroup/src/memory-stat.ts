import { defined } from './defined.ts'
import { parseCount, parseFlatKeyed, parseLimit } from './flat-keyed.ts'

/** Memory of the group and everything below it. What this kernel does not tell is absent. */
export interface MemoryStat {
  readonly usageBytes: number
  /** Highest usage since the group was made. v2 since Linux 5.19. */
  readonly peakBytes?: number
  /** null: no limit of its own. */
  readonly limitBytes: number | null
  /** Swap alone, on both versions. */
  readonly swapBytes?: number
  readonly anonBytes?: number
  /** Page cache, tmpfs and shared memory included. */
  readonly fileBytes?: number
  /** How often usage hit the limit and reclaim had to run. */
  readonly limitHits?: number
  /** Processes that the out-of-memory killer killed in this group. */
  readonly oomKills?: number
  readonly majorFaults?: number
}

/** Reads one interface file; undefined when it does not exist. */
export type ReadFile = (file: string) => string | undefined

/** @param read of the group's memory directory */
export function memoryStat(version: 1 | 2, read: ReadFile): MemoryStat | undefined {
  return version === 1 ? memoryStatV1(read) : memoryStatV2(read)
}

/** @see Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files" */
function memoryStatV2(read: ReadFile): MemoryStat | undefined {
  const usageBytes = parseCount(read('memory.current'))
  if (usageBytes === undefined) return undefined
  const stat = parseFlatKeyed(read('memory.stat') ?? '')
  const events = parseFlatKeyed(read('memory.events') ?? '')
  return defined({
    usageBytes,
    peakBytes: parseCount(read('memory.peak')),
    limitBytes: parseLimit(read('memory.max')) ?? null,
    swapBytes: parseCount(read('memory.swap.current')),
    anonBytes: stat['anon'],
    fileBytes: stat['file'],
    limitHits: events['max'],
    oomKills: events['oom_kill'],
    majorFaults: stat['pgmajfault'],
  })
}

/** @see Documentation/admin-guide/cgroup-v1/memory.rst */
function memoryStatV1(read: ReadFile): MemoryStat | undefined {
  const usageBytes = parseCount(read('memory.usage_in_bytes'))
  if (usageBytes === undefined) return undefined
  const stat = parseFlatKeyed(read('memory.stat') ?? '')
  return defined({
    usageBytes,
    peakBytes: parseCount(read('memory.max_usage_in_bytes')),
    limitBytes: parseLimit(read('memory.limit_in_bytes')) ?? null,
    // total_ includes the groups below, as v2 does; 'rss' is anonymous memory, not RSS.
    swapBytes: stat['total_swap'],
    anonBytes: stat['total_rss'],
    fileBytes: stat['total_cache'],
    limitHits: limitHitsV1(read),
    oomKills: oomKillsV1(read),
    majorFaults: stat['total_pgmajfault'],
  })
}

/** try_charge_memcg() charges memory and swap together first: where both limits are the same, that is the one which is met. */
function limitHitsV1(read: ReadFile): number | undefined {
  const hits = parseCount(read('memory.failcnt'))
  return hits === undefined ? undefined : hits + (parseCount(read('memory.memsw.failcnt')) ?? 0)
}

/** Only the two files that count kills: cheap enough for every exit. */
export function oomKillsOf(version: 1 | 2, read: ReadFile): number | undefined {
  return version === 1 ? oomKillsV1(read) : parseFlatKeyed(read('memory.events') ?? '')['oom_kill']
}

function oomKillsV1(read: ReadFile): number | undefined {
  return parseFlatKeyed(read('memory.oom_control') ?? '')['oom_kill']
}
