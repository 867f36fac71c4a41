/** Something that happened in a group or below it since the last event of its kind. */
export type GroupEvent =
  | { readonly kind: 'populated'; readonly populated: boolean }
  | { readonly kind: 'frozen'; readonly frozen: boolean }
  | CountEvent
  | KillEvent
  | PressureEvent

/** Named as memory.events and pids.events name them, see {@link countKinds}. */
export interface CountEvent {
  readonly kind: Exclude<CountKind, 'oom_kill'>
  /** How many times since the last such event, or since the start. */
  readonly count: number
  /** How many times since the group was made. */
  readonly total: number
}

/** The out-of-memory killer killed processes of the group. */
export interface KillEvent {
  readonly kind: 'oom_kill'
  readonly count: number
  readonly total: number
  /**
   * The directory of the group whose limit was met: this one, one above or one below. null: none of them, the machine ran out of memory, or a
   * group above the visible root. Absent: not known. v1 counts that a limit was met and not that it ended in a kill: there it is the only group
   * whose limit was met in the five seconds before, or that has been at its limit of memory and swap.
   */
  readonly cause?: string | null
}

/** Waiting for a resource reached what a trigger asks for. */
export interface PressureEvent {
  readonly kind: 'pressure'
  readonly resource: 'cpu' | 'memory' | 'io'
  readonly line: 'some' | 'full'
  /** Within the trigger's window. */
  readonly stalledMicros: number
}

/**
 * `low`: memory below its protection was reclaimed; `high`: slowed down above memory.high; `max`: usage met the limit and something was
 * reclaimed; `oom`: and nothing could be; `oom_kill`; `oom_group_kill`; `pids_max`: a fork was refused.
 */
export const countKinds = ['low', 'high', 'max', 'oom', 'oom_kill', 'oom_group_kill', 'pids_max'] as const
export type CountKind = (typeof countKinds)[number]

/** What is known of a group at one moment. */
export interface Reading {
  readonly populated?: boolean
  readonly frozen?: boolean
  readonly counts: Readonly<Partial<Record<CountKind, number>>>
  /** By directory, for the group, those below and those above: how often its own limit was met for good (v2), or at all (v1). */
  readonly limitMet: ReadonlyMap<string, number>
  /** Whether `limitMet` counts only what ended in a kill. v2 */
  readonly exact: boolean
  /** v1: directories whose memory and swap together have been at their limit, of which newer kernels keep no count (measured: Linux 6.18). */
  readonly full?: readonly string[]
}

/**
 * What happened between two readings, in the order in which it is likely to have happened.
 *
 * @param base the reading from which on a limit that was met may be the cause of a kill: it is counted before the kill is, perhaps in an earlier reading
 */
export function eventsBetween(before: Reading, after: Reading, base: Reading = before): GroupEvent[] {
  const events: GroupEvent[] = []
  for (const kind of countKinds) {
    const total = after.counts[kind]
    const count = (total ?? 0) - (before.counts[kind] ?? 0)
    if (total === undefined || count <= 0) continue
    if (kind !== 'oom_kill') events.push({ kind, count, total })
    else {
      const cause = causeOf(base, after)
      events.push({ kind, count, total, ...(cause === undefined ? {} : { cause }) })
    }
  }
  if (after.frozen !== undefined && after.frozen !== before.frozen) events.push({ kind: 'frozen', frozen: after.frozen })
  if (after.populated !== undefined && after.populated !== before.populated) events.push({ kind: 'populated', populated: after.populated })
  return events
}

function causeOf(base: Reading, after: Reading): string | null | undefined {
  const risen = [...new Set([...[...after.limitMet].filter(([directory, times]) => times > (base.limitMet.get(directory) ?? 0)).map(([directory]) => directory), ...(after.full ?? [])])]
  if (risen.length === 1) return risen[0]
  if (risen.length > 1) return undefined
  // v2 counts an oom of a group below here too: it was one that is gone already.
  return after.exact && (after.counts.oom ?? 0) > (base.counts.oom ?? 0) ? undefined : null
}
