// include/uapi/asm-generic/signal.h; x86 and arm64 have the same numbers (mips, sparc and parisc do not).
const NAMES = [
  'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGUSR1', 'SIGSEGV',
  'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGSTKFLT', 'SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN',
  'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS',
] as const

/** The kernel's name of a signal; real-time signals as strace prints them, counted from the kernel's SIGRTMIN, 32. */
export type SignalName = (typeof NAMES)[number] | `SIGRT_${number}`

const KERNEL_SIGRTMIN = 32

/**
 * The number of a signal by its name; undefined where there is none of that name. Real-time signals go by number.
 *
 * @example
 * signalNumber('SIGTERM') // 15
 */
export function signalNumber(name: string): number | undefined {
  const at = (NAMES as readonly string[]).indexOf(name)
  return at < 0 ? undefined : at + 1
}

/**
 * The names of the signals in a mask, lowest first: bit 0 is signal 1.
 *
 * @see signal(7), proc(5) SigCgt
 * @example
 * signalNames(0x4002n) // ['SIGINT', 'SIGTERM']
 */
export function signalNames(mask: bigint): SignalName[] {
  const names: SignalName[] = []
  for (let signal = 1, rest = mask; rest > 0n; signal++, rest >>= 1n) {
    if ((rest & 1n) === 1n) names.push(NAMES[signal - 1] ?? `SIGRT_${signal - KERNEL_SIGRTMIN}`)
  }
  return names
}
