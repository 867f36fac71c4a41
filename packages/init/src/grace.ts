import type { Assembler } from '@ctr/elf'
import { frame } from './frame.ts'
import { value } from './kernel.ts'
import type { Settled } from './options.ts'
import { at, call, type Argument } from './write.ts'

const seconds = 0, nanoseconds = 8 // of a struct timespec
const secondInNanoseconds = 1_000_000_000

// A deadline and not a timer: SIGALRM is a standard signal, so the one of a timer is lost where somebody else's is pending
// (signal(7): standard signals do not queue), and the kill with it.

/** Before the first wait: no SIGTERM has come. */
export function graceUnused(a: Assembler, { graceSeconds }: Settled): void {
  if (graceSeconds === 0) return
  a.mov('t0', 0)
  a.store('s5', frame.deadline + seconds, 't0', 64)
}

/** After SIGTERM has come, the payload has so many seconds. */
export function graceBegins(a: Assembler, { graceSeconds }: Settled): void {
  if (graceSeconds === 0) return
  a.branch('ne', 's2', value('SIGTERM'), 'grace.running')
  // A second SIGTERM must not prolong it.
  a.load('t0', 's5', frame.deadline + seconds, 64)
  a.branch('ne', 't0', 0, 'grace.running')
  // The clock of rt_sigtimedwait's timeout, which no step of the wall clock moves.
  call(a, 'clock_gettime', value('CLOCK_MONOTONIC'), at('deadline'))
  a.load('t0', 's5', frame.deadline + seconds, 64)
  a.add('t0', graceSeconds)
  a.store('s5', frame.deadline + seconds, 't0', 64)
  a.label('grace.running')
}

/** Waits for a signal, and kills the payload when its time is over, also if signals come without end. */
export function waitWithin(a: Assembler, { graceSeconds }: Settled): void {
  const wait = (timeout: Argument): void => call(a, 'rt_sigtimedwait', at('mask'), at('info'), timeout, 8)
  if (graceSeconds === 0) return wait(0)

  a.load('t0', 's5', frame.deadline + seconds, 64)
  a.branch('ne', 't0', 0, 'wait.until')
  wait(0)
  a.jump('wait.over')

  a.label('wait.until')
  call(a, 'clock_gettime', value('CLOCK_MONOTONIC'), at('left'))
  for (const part of [seconds, nanoseconds]) {
    a.load('t0', 's5', frame.deadline + part, 64)
    a.load('t1', 's5', frame.left + part, 64)
    a.sub('t0', 't1')
    a.store('s5', frame.left + part, 't0', 64)
  }
  a.branch('ge', 't0', 0, 'wait.left')
  a.add('t0', secondInNanoseconds)
  a.store('s5', frame.left + nanoseconds, 't0', 64)
  a.load('t0', 's5', frame.left + seconds, 64)
  a.sub('t0', 1)
  a.store('s5', frame.left + seconds, 't0', 64)
  a.label('wait.left')
  a.load('t0', 's5', frame.left + seconds, 64)
  a.branch('lt', 't0', 0, 'grace.over')
  wait(at('left'))
  a.jump('wait.over') // EAGAIN when the time is over: it is less than 0, and comes back here

  a.label('grace.over')
  a.mov('t0', 0)
  a.store('s5', frame.deadline + seconds, 't0', 64)
  a.mov('s2', value('SIGKILL'))
  a.call('deliver')
  a.jump('wait')
  a.label('wait.over')
}
