import { CgroupError } from './cgroup-error.ts'
import { eventsBetween, type GroupEvent, type PressureEvent, type Reading } from './event-diff.ts'
import { explained } from './explain-refusal.ts'
import { readGroup } from './group-reading.ts'
import { placeOf, type Group } from './group.ts'
import { readText } from './interface-file.ts'
import { parsePressure } from './pressure.ts'
import { checkTrigger, samplingMillis, trigger, type PressureTrigger } from './pressure-trigger.ts'
import { wakeOn } from './wake.ts'

export interface EventsOptions {
  /** Ends the iteration, which throws its reason. */
  readonly signal?: AbortSignal
  /** v2 and hybrid. */
  readonly pressure?: readonly PressureTrigger[]
  /** How often v1 is looked at, which does not tell. Default 100 ms. */
  readonly pollMillis?: number
}

/**
 * What happens in the group and below it from now on, until it is gone.
 *
 * Nothing is lost while the consumer is busy, but it is summed up: three kills are one event with a count of three. What a group did between
 * the last look and its removal is lost with it. Stop with `break`, `return()` or a signal: until then watches stay open, and the process alive.
 *
 * @throws CgroupError ENOENT no such group
 * @throws CgroupError ENOENT, EOPNOTSUPP a pressure file that this kernel does not have, or has switched off (psi=0)
 * @throws TypeError, RangeError a trigger that makes no sense, or pressure on v1
 * @example
 * const watched = create(group(cgroups(), '/ctr-test-watched'))
 * setTimeout(() => deleteNow(watched), 100)
 * for await (const event of events(watched)) console.log(event.kind) // ends when the group is gone
 */
export function events(group: Group, { signal, pressure = [], pollMillis = 100 }: EventsOptions = {}): AsyncIterableIterator<GroupEvent> {
  if (!Number.isFinite(pollMillis) || pollMillis < 1) throw new RangeError(`Cannot look every ${pollMillis} ms: not a number from 1`)
  signal?.throwIfAborted()
  const source = new Source(group, pollMillis, pressure)
  const abort = () => source.close()
  signal?.addEventListener('abort', abort, { once: true })
  const iterator = generate(source, signal, () => signal?.removeEventListener('abort', abort))
  return {
    next: () => iterator.next(),
    return(): Promise<IteratorResult<GroupEvent>> {
      // A generator that has not started would not run its finally, and one that waits would not come to it.
      source.close()
      return iterator.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* generate(source: Source, signal: AbortSignal | undefined, done: () => void): AsyncGenerator<GroupEvent, void> {
  try {
    for (;;) {
      const found = source.take()
      yield* found
      if (found.length > 0) continue
      // Between two steps the signal may have come, which closes the source.
      signal?.throwIfAborted()
      if (source.ended) return
      await source.more()
    }
  } finally {
    source.close()
    done()
  }
}

/** How long before a kill its cause is looked for: reclaim comes between the two, and may take its time. */
const causeMillis = 5000

class Source {
  ended = false
  private told: Reading
  /** The last readings, from the one that is the base for causes on. */
  private recent: { readonly at: number; readonly reading: Reading }[]
  private latest: Reading
  private readonly pressed = new Map<PressureTrigger, PressureEvent>()
  private readonly stops: (() => void)[] = []
  private wake: (() => void) | undefined
  private failure: unknown

  private readonly group: Group

  constructor(group: Group, pollMillis: number, triggers: readonly PressureTrigger[]) {
    this.group = group
    const first = readGroup(group)
    if (!first) throw new CgroupError({ code: 'ENOENT', syscall: 'open', action: `Cannot watch cgroup ${group.path}`, hint: 'the group does not exist' })
    this.told = this.latest = first
    this.recent = [{ at: performance.now(), reading: first }]
    try {
      for (const each of triggers) this.press(each)
      this.stops.push(wakeOn(group, pollMillis, () => this.look()))
    } catch (error) {
      this.close()
      throw error
    }
    // What happened while the watches were being made.
    this.look()
  }

  /** Everything that is new. */
  take(): GroupEvent[] {
    if (this.failure !== undefined) throw this.failure
    const found = [...eventsBetween(this.told, this.latest, this.recent[0]?.reading), ...this.pressed.values()]
    this.told = this.latest
    // What has caused a kill has not caused the next one.
    if (found.some(({ kind }) => kind === 'oom_kill')) this.recent = [{ at: performance.now(), reading: this.latest }]
    this.pressed.clear()
    return found
  }

  /** Settles when there is something new, which may be now: a generator gives way between its steps. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
      if (this.ended || this.pressed.size > 0 || eventsBetween(this.told, this.latest).length > 0) resolve()
    })
  }

  close(): void {
    this.ended = true
    for (const stop of this.stops.splice(0)) stop()
    this.wake?.()
  }

  private look(): void {
    if (this.ended) return
    this.guard(() => {
      const reading = readGroup(this.group)
      // A group that is gone is empty.
      this.latest = reading ?? { ...this.latest, populated: false }
      if (reading) this.remember(reading)
      if (!reading) this.close()
      else if (eventsBetween(this.told, reading).length > 0) this.wake?.()
    })
  }

  private remember(reading: Reading): void {
    const at = performance.now()
    const base = this.recent.findLastIndex((each) => at - each.at >= causeMillis)
    this.recent = [...this.recent.slice(Math.max(0, base)), { at, reading }]
  }

  private press(each: PressureTrigger): void {
    checkTrigger(each)
    const unified = placeOf(this.group, 'unified')
    if (!unified) throw new TypeError(`Cannot watch ${each.resource} pressure of cgroup ${this.group.path}: v1 does not count it by group`)
    const total = () => parsePressure(readText(`${unified.directory}/${each.resource}.pressure`))[each.line ?? 'some']?.totalMicros ?? 0
    const sample = trigger(each)
    try {
      sample(total(), performance.now() * 1000)
    } catch (error) {
      throw explained(error, 2, `Cannot watch ${each.resource} pressure of cgroup ${this.group.path}`)
    }
    const timer = setInterval(() => this.guard(() => {
      const event = sample(total(), performance.now() * 1000)
      if (!event) return
      this.pressed.set(each, event)
      this.wake?.()
    }), samplingMillis(each))
    this.stops.push(() => clearInterval(timer))
  }

  /** An error in a callback is one of the iteration; a group that went away is its end. */
  private guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof CgroupError) || !['ENOENT', 'ENODEV'].includes(error.code)) this.failure = error
      this.close()
    }
  }
}
