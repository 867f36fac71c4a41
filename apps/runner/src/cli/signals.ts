import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { numbers } from '@ctr/syscall'

/** What ends a process, or means something to it, and is therefore passed on to PID 1. */
export const forwarded: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGCONT', 'SIGWINCH', 'SIGUSR1']

/** Calls back for each of these signals until the returned function is called. */
export function onSignals(names: readonly NodeJS.Signals[], handle: (name: NodeJS.Signals) => void): () => void {
  const listeners = names.map((name) => [name, () => handle(name)] as const)
  for (const [name, listener] of listeners) process.on(name, listener)
  return () => {
    for (const [name, listener] of listeners) process.off(name, listener)
  }
}

export interface Receiver {
  readonly name: string
  /** Whether a signal has an effect on it, as PID 1 of its namespace. */
  handles(signal: NodeJS.Signals): boolean
}

/**
 * Who would get a signal as PID 1. The kernel keeps from the first process of a PID namespace what it has no handler for, unless that is blocked: then it
 * waits for who asks for it, as inits do. While they wait, /proc shows it as neither (kernel/signal.c, do_sigtimedwait).
 *
 * @see pid_namespaces(7), "The namespace init process"; SigCgt and SigBlk in proc_pid_status(5)
 */
export function receiverOf(pid: number): Receiver | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? ''
    const mask = (name: string) => BigInt(`0x${field(name) || '0'}`)
    const taken = asksForSignals(pid) ? -1n : mask('SigCgt') | mask('SigBlk')
    // A process that is not PID 1 anywhere ends by the default action.
    const first = field('NSpid').split(/\s+/).at(-1) === '1'
    return { name: field('Name'), handles: (signal) => !first || ((taken >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n }
  } catch {
    return undefined
  }
}

/** It is in rt_sigtimedwait(2). Of which signals, only its memory says. */
function asksForSignals(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/syscall`, 'latin1').startsWith(`${numbers.rt_sigtimedwait[process.arch === 'arm64' ? 1 : 0]} `)
  } catch {
    return false
  }
}
