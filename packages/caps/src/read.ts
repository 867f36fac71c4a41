import { readFileSync, readdirSync } from 'node:fs'
import { parseStatus, type CapabilityState } from './status.ts'

/** Where to look: another procfs than the caller's own, such as a host's under `/host/proc`. */
export interface ProcOptions {
  readonly root?: string
}

/**
 * The capability sets of a process, or of the calling thread: credentials belong to threads.
 *
 * @param pid as numbered in the PID namespace of the procfs that is read
 * @throws ENOENT (Node's system error) there is no such process
 * @example
 * read().effective.includes('CAP_SYS_ADMIN')
 */
export function read(pid: number | 'self' = 'self', { root = '/proc' }: ProcOptions = {}): CapabilityState {
  return parseStatus(readFileSync(`${root}/${pid === 'self' ? 'thread-self' : pid}/status`, 'utf8'))
}

/**
 * The capability sets of each thread of a process, by thread ID: they can differ, and in Node they do once a thread has changed its own.
 *
 * A thread that ends while it is read is left out.
 *
 * @throws ENOENT (Node's system error) there is no such process
 */
export function readThreads(pid: number | 'self' = 'self', { root = '/proc' }: ProcOptions = {}): Map<number, CapabilityState> {
  const threads = new Map<number, CapabilityState>()
  for (const thread of readdirSync(`${root}/${pid}/task`)) {
    try {
      threads.set(Number(thread), parseStatus(readFileSync(`${root}/${pid}/task/${thread}/status`, 'utf8')))
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return threads
}

/** The number of the highest capability that the running kernel knows: a fact for `limitTo`. */
export function lastCap({ root = '/proc' }: ProcOptions = {}): number {
  return Number(readFileSync(`${root}/sys/kernel/cap_last_cap`, 'utf8'))
}
