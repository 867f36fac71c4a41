/**
 * What tells a process from a later one with the same PID. Plain data: it can be written to a state file.
 *
 * Two processes with one PID and one start time would need the whole PID range to be used up within a tick of 10 ms.
 * The start time is in the reader's time namespace: compare identities read from the same one.
 */
export interface Identity {
  readonly pid: number
  readonly starttimeTicks: number
  /** Absent when the root has no sys/kernel/random/boot_id. */
  readonly bootId?: string
}

/**
 * Whether two identities are of the same process; a boot ID counts only where both have one.
 *
 * @example
 * sameIdentity({ pid: 7, starttimeTicks: 42 }, { pid: 7, starttimeTicks: 43 }) // false
 */
export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.pid === b.pid && a.starttimeTicks === b.starttimeTicks &&
    (a.bootId === undefined || b.bootId === undefined || a.bootId === b.bootId)
}
