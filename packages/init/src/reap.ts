import type { Assembler } from '@ctr/elf'
import { payloadDescriptor } from './adopt.ts'
import { frame, siginfo } from './frame.ts'
import { minus, value } from './kernel.ts'
import { at, call, text } from './write.ts'

/**
 * Reaps every child that has exited, then goes on at `wait`; or exits, as soon as the payload is among them.
 *
 * One SIGCHLD may stand for many exits (signal(7): standard signals do not queue), and the payload may have gone before
 * the signals were blocked: so this runs until nothing is left, and once before the first wait.
 */
export function reap(a: Assembler): void {
  a.label('reap')
  // __WALL: also children that were cloned with another exit signal.
  call(a, 'waitid', value('P_ALL'), 0, at('info'), value('WEXITED', 'WNOHANG', '__WALL'), 0)
  // ECHILD cannot be while the payload is a child of ours; if another parent took it over, there is nothing to wait for.
  a.branch('ne', 'result', 0, 'childless')
  a.load('s2', 's5', frame.info + siginfo.pid, 32)
  a.branch('eq', 's2', 0, 'wait')
  a.branch('eq', 's2', 's1', 'exit')
  a.branch('ne', 's1', 0, 'reap')

  // Adopted: its PID is not known, but its pidfd has no child behind it once it is reaped.
  a.load('s3', 's5', frame.info + siginfo.code, 32)
  a.load('s4', 's5', frame.info + siginfo.status, 32)
  call(a, 'waitid', value('P_PIDFD'), payloadDescriptor, 0, value('WEXITED', 'WNOHANG', 'WNOWAIT', '__WALL'), 0)
  a.branch('eq', 'result', minus('ECHILD'), 'exit.known')
  a.jump('reap')
}

/** Exits as the payload did: its status, or 128 and the signal. When PID 1 exits, the kernel kills the rest. */
export function exit(a: Assembler): void {
  a.label('exit')
  a.load('s3', 's5', frame.info + siginfo.code, 32)
  a.load('s4', 's5', frame.info + siginfo.status, 32)
  a.label('exit.known')
  a.branch('eq', 's3', value('CLD_EXITED'), 'exit.status')
  a.add('s4', 128)
  a.label('exit.status')
  call(a, 'exit_group', 's4')

  a.label('childless')
  a.mov('s4', 'result')
  a.neg('s4')
  a.address('s1', 'childless.text')
  a.jump('refuse')
}

export function exitText(a: Assembler): void {
  text(a, 'childless.text', 'the payload is not a child any more')
}
