import type { Assembler } from '@ctr/elf'
import { frame, frameSize } from './frame.ts'
import { graceUnused } from './grace.ts'
import { value } from './kernel.ts'
import type { Settled } from './options.ts'
import { at, call, text } from './write.ts'

/**
 * The entry point. The kernel enters with `sp` at argc, followed by argv (execve(2), and the processor's ABI supplement).
 *
 * From here on, `s0` is that address, `s1` the payload's PID or 0 if it is not known, `s5` the frame.
 */
export function start(a: Assembler, options: Settled): void {
  a.mov('s0', 'sp')
  a.sub('sp', frameSize)
  a.mov('s5', 'sp')

  // Before anything else: what is blocked waits, and what PID 1 does not handle is lost (pid_namespaces(7)).
  a.mov('t0', -1)
  a.store('s5', frame.mask, 't0', 64)
  call(a, 'rt_sigprocmask', value('SIG_SETMASK'), at('mask'), 0, 8)

  // An ignored SIGCHLD comes through execve, and would let the kernel drop the payload's status (waitpid(2), notes).
  // SA_NOCLDSTOP: a payload that is stopped is nobody to reap.
  a.mov('t0', 0)
  for (const offset of [0, 16, 24]) a.store('s5', frame.action + offset, 't0', 64) // SIG_DFL, no restorer, no mask
  a.mov('t0', value('SA_NOCLDSTOP'))
  a.store('s5', frame.action + 8, 't0', 64)
  call(a, 'rt_sigaction', value('SIGCHLD'), at('action'), 0, 8)

  // Started from a memfd, it would be called by the number of a descriptor.
  a.address('s2', 'name')
  call(a, 'prctl', value('PR_SET_NAME'), 's2', 0, 0, 0)
  if (options.subreaper) call(a, 'prctl', value('PR_SET_CHILD_SUBREAPER'), 1, 0, 0, 0)
  graceUnused(a, options)

  a.load('t0', 's0', 0, 64)
  a.branch('hi', 't0', 1, 'spawn')
}

export function startText(a: Assembler): void {
  text(a, 'name', 'init')
}
