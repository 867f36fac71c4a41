import type { Assembler } from '@ctr/elf'
import { graceBegins, waitWithin } from './grace.ts'
import { lastSignal, value } from './kernel.ts'
import type { Settled } from './options.ts'
import { call } from './write.ts'

/** The loop: takes one signal after the other, reaps on SIGCHLD and passes all others on. */
export function signals(a: Assembler, options: Settled): void {
  a.label('wait')
  waitWithin(a, options)
  a.mov('s2', 'result')
  a.branch('eq', 's2', value('SIGCHLD'), 'reap')
  a.branch('le', 's2', 0, 'wait') // EINTR: we were stopped and continued, or traced
  graceBegins(a, options)
  rewrite(a, options)

  for (const stop of ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) a.branch('eq', 's2', value(stop), 'stop')
  a.call('deliver')
  a.jump('wait')

  // A session of its own is an orphaned process group, in which these three do nothing (setpgid(2), POSIX 2.4.3).
  a.label('stop')
  if (options.setsid) a.mov('s2', value('SIGSTOP'))
  a.call('deliver')
  // Then ourselves, so that a shell sees its job stopped. PID 1 is not stopped from inside its namespace. SIGCONT wakes us
  // although it is blocked, and is then passed on like any other.
  call(a, 'getpid')
  a.mov('s3', 'result')
  call(a, 'kill', 's3', value('SIGSTOP'))
  a.jump('wait')
}

/** s2 = what is sent for s2; nothing goes back to `wait`. */
function rewrite(a: Assembler, { rewrite }: Settled): void {
  if (rewrite.size === 0) return
  a.address('t0', 'rewrite')
  a.add('t0', 's2')
  a.load('s2', 't0', 0, 8)
  a.branch('eq', 's2', 0, 'wait')
}

/** One byte for each signal. */
export function rewriteTable(a: Assembler, { rewrite }: Settled): void {
  if (rewrite.size === 0) return
  a.label('rewrite')
  a.bytes(Uint8Array.from({ length: lastSignal + 1 }, (_, signal) => rewrite.get(signal) ?? signal))
}
