import type { PressureEvent } from './event-diff.ts'

/** Says when waiting for a resource is worth an event, as a PSI trigger of the kernel does. */
export interface PressureTrigger {
  readonly resource: 'cpu' | 'memory' | 'io'
  /** `some`: at least one task waits; `full`: all do. Default some. */
  readonly line?: 'some' | 'full'
  /** So much waiting … */
  readonly stallMicros: number
  /** … within so much time; 500,000 to 10,000,000 as the kernel has it. */
  readonly windowMicros: number
}

/** @throws TypeError, RangeError quoting the trigger */
export function checkTrigger(trigger: PressureTrigger): void {
  const { resource, line = 'some', stallMicros, windowMicros } = trigger
  const refuse = (why: string) => { throw new RangeError(`Cannot watch pressure ${JSON.stringify(trigger)}: ${why}`) }
  if (!['cpu', 'memory', 'io'].includes(resource)) refuse("resource is not 'cpu', 'memory' or 'io'")
  if (line !== 'some' && line !== 'full') refuse("line is not 'some' or 'full'")
  // include/linux/psi_types.h: WINDOW_MIN_US, WINDOW_MAX_US
  if (!Number.isInteger(windowMicros) || windowMicros < 500_000 || windowMicros > 10_000_000) refuse('windowMicros is not a whole number from 500000 to 10000000')
  if (!Number.isInteger(stallMicros) || stallMicros < 1 || stallMicros > windowMicros) refuse('stallMicros is not a whole number from 1 to windowMicros')
}

/** Ten times a window, as the kernel looks at its own (kernel/sched/psi.c, UPDATES_PER_WINDOW). */
export function samplingMillis({ windowMicros }: PressureTrigger): number {
  return Math.max(50, windowMicros / 10_000)
}

/** @returns takes each sample of the total, and gives an event when one is due, at most once a window */
export function trigger({ resource, line = 'some', stallMicros, windowMicros }: PressureTrigger): (totalMicros: number, nowMicros: number) => PressureEvent | undefined {
  let samples: { readonly total: number; readonly at: number }[] = []
  let fired = -Infinity
  return (total, at) => {
    // The newest sample that is a whole window old stays: the window starts there.
    const start = samples.findLastIndex((each) => at - each.at >= windowMicros)
    samples = [...samples.slice(Math.max(0, start)), { total, at }]
    const stalledMicros = total - samples[0]!.total
    if (stalledMicros < stallMicros || at - fired < windowMicros) return undefined
    fired = at
    return { kind: 'pressure', resource, line, stalledMicros }
  }
}
