import { setTimeout as sleep } from 'node:timers/promises'

/** Bounds a wait. */
export interface WaitOptions {
  /** Milliseconds; the wait ends with an error, never silently. */
  readonly timeoutMillis?: number
}

/**
 * Whether `done` became true before the deadline; asked at once, then at growing intervals from 0.2 to 20 ms.
 *
 * The clock is monotonic: a step of the wall clock changes nothing.
 */
export async function until(done: () => boolean, timeoutMillis: number): Promise<boolean> {
  const end = monotonicMillis() + timeoutMillis
  for (let pause = 0.2; ; pause = Math.min(20, pause * 2)) {
    if (done()) return true
    if (monotonicMillis() >= end) return false
    // Timers have millisecond steps: below one, give the loop a turn.
    await sleep(pause < 1 ? 0 : Math.min(pause, Math.max(1, end - monotonicMillis())))
  }
}

/** Not `performance`, which Node loads with ten modules at its first use. */
function monotonicMillis(): number {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}
