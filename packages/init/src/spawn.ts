import type { Assembler } from '@ctr/elf'
import { frame } from './frame.ts'
import { value } from './kernel.ts'
import type { Settled } from './options.ts'
import { terminal } from './terminal.ts'
import { at, call, text } from './write.ts'

/** Clones. The parent goes on at `reap` with the child's PID in `s1`; the child gets ready and goes on at `exec`. */
export function spawn(a: Assembler, options: Settled): void {
  a.label('spawn')
  // clone(2): the order of the last arguments differs between machines; they are all zero for a plain fork.
  call(a, 'clone', value('SIGCHLD'), 0, 0, 0, 0)
  a.mov('s1', 'result')
  a.branch('gt', 's1', 0, 'reap')
  a.branch('eq', 's1', 0, 'child')
  a.mov('s4', 's1')
  a.neg('s4')
  a.address('s1', 'clone')
  a.jump('refuse')

  a.label('child')
  terminal(a, options)
  // Last: with SIGTTOU blocked a background process may take the terminal (tcsetpgrp(3)), and a signal that came in
  // the meantime strikes when everything is in its place.
  a.mov('t0', 0)
  a.store('s5', frame.mask, 't0', 64)
  call(a, 'rt_sigprocmask', value('SIG_SETMASK'), at('mask'), 0, 8)
}

export function spawnText(a: Assembler): void {
  text(a, 'clone', 'clone')
}
