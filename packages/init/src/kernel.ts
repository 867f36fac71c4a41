import { constant, errnoTable, type Constant, type ErrnoName, type Family } from '@ctr/syscall'

/** A signal by name; real-time signals have none. */
export type SignalName = Constant<'signal'>

/** What the vocabulary has no name for, because no program of system calls says it. */
const own = {
  AT_FDCWD: -100, // linux/fcntl.h
  TIOCGPGRP: 0x540f, // asm-generic/ioctls.h
  TIOCSPGRP: 0x5410, // asm-generic/ioctls.h
  SA_NOCLDSTOP: 1, // asm/signal.h, asm-generic/signal-defs.h
  CLD_EXITED: 1, // asm-generic/siginfo.h
  PIDFD_SIGNAL_PROCESS_GROUP: 4, // linux/pidfd.h, Linux 6.9
} as const

/** The value of one constant, or of several flags together. */
export function value(...names: (keyof typeof own | Constant<Family>)[]): number {
  return names.reduce((bits, name) => bits | (name in own ? own[name as keyof typeof own] : constant(name)), 0)
}

/** What a failed call returns. */
export const minus = (name: ErrnoName): number => -errnoTable[name]

/** Signals are 1 to 64 (signal(7)); a mask of all of them has all bits set. */
export const lastSignal = 64
