import type { Assembler } from '@ctr/elf'
import { frame } from './frame.ts'
import { value } from './kernel.ts'
import type { Settled } from './options.ts'
import { at, call } from './write.ts'

/**
 * Gives the payload a process group of its own, so that a signal to init's group does not reach it twice.
 *
 * With our terminal on stdin it stays in the session, and is put in the foreground if that is where we are. Otherwise it
 * gets a session, and a terminal that belongs to none becomes its own.
 */
export function terminal(a: Assembler, { setsid }: Settled): void {
  // Fails unless stdin is the controlling terminal of our session (ioctl_tty(2)).
  call(a, 'ioctl', 0, value('TIOCGPGRP'), at('pid'))
  a.branch('ne', 'result', 0, 'terminal.none')
  a.load('s2', 's5', frame.pid, 32)
  call(a, 'getpgid', 0)
  a.mov('s3', 'result')
  call(a, 'setpgid', 0, 0)
  // A background job must not steal the foreground. In a PID namespace both are 0 if the group is outside.
  a.branch('ne', 's2', 's3', 'terminal.done')
  call(a, 'getpid')
  a.mov('t0', 'result')
  a.store('s5', frame.pid, 't0', 32)
  call(a, 'ioctl', 0, value('TIOCSPGRP'), at('pid'))
  a.jump('terminal.done')

  a.label('terminal.none')
  if (setsid) {
    call(a, 'setsid')
    // Not a terminal, or another session's: it stays without one.
    call(a, 'ioctl', 0, value('TIOCSCTTY'), 0)
  } else {
    call(a, 'setpgid', 0, 0)
  }
  a.label('terminal.done')
}
