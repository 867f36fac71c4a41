import { parseCount, parseFlatKeyed, parseLimit } from './flat-keyed.ts'
import type { ReadFile } from './memory-stat.ts'

/** Threads in the group and below it. */
export interface PidsStat {
  readonly current: number
  /** null: no limit of its own. */
  readonly max: number | null
  /** Highest `current`. Since Linux 6.1 on v2, 6.6 on v1. */
  readonly peak?: number
  /** How often a fork or clone was refused: EAGAIN, "Resource temporarily unavailable". */
  readonly refused?: number
}

/** @param read of the group's pids directory */
export function pidsStat(read: ReadFile): PidsStat | undefined {
  const current = parseCount(read('pids.current'))
  if (current === undefined) return undefined
  const peak = parseCount(read('pids.peak'))
  const refused = parseFlatKeyed(read('pids.events') ?? '')['max']
  return {
    current,
    max: parseLimit(read('pids.max')) ?? null,
    ...(peak === undefined ? {} : { peak }),
    ...(refused === undefined ? {} : { refused }),
  }
}
