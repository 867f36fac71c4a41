import type { Assembler } from '@ctr/elf'
import { value } from './kernel.ts'
import { at, call, text } from './write.ts'

/** The descriptor that refers to the payload when it runs already. */
export const payloadDescriptor = 3

/** Without a command, the payload is a child already, and descriptor 3 its pidfd. Falls through to the first reaping. */
export function adopt(a: Assembler): void {
  a.label('adopt')
  // WNOWAIT: this asks whether it is a child of ours (ECHILD if not, EBADF without a descriptor), and takes nothing.
  call(a, 'waitid', value('P_PIDFD'), payloadDescriptor, at('info'), value('WEXITED', 'WNOHANG', 'WNOWAIT', '__WALL'), 0)
  a.mov('s1', 0)
  a.branch('eq', 'result', 0, 'reap')
  a.mov('s4', 'result')
  a.neg('s4')
  a.address('s1', 'usage')
  a.jump('refuse')
}

export function adoptText(a: Assembler): void {
  text(a, 'usage', 'no command, and no child as descriptor 3')
}
