import { closeSync } from 'node:fs'
import { openPidfd } from '@ctr/launch'
import type { Identity } from '@ctr/procfs'
import { alive } from './store.ts'
import type { State } from './state.ts'

/** The container has no process to act on. */
export class NotRunningError extends Error {
  readonly code = 'ENOTRUNNING'
  readonly containerName: string
  constructor(name: string, options: ErrorOptions = {}) {
    super(`The container ${JSON.stringify(name)} is not running`, options)
    this.name = 'NotRunningError'
    this.containerName = name
  }
}

/**
 * Calls back with a pidfd of the container's PID 1. It is opened by pid and compared afterwards: from then on it cannot be another
 * process, whatever the pid is given to.
 *
 * @throws NotRunningError
 */
export function withProcess<T>({ process, name }: State, use: (pidfd: number) => T | Promise<T>): Promise<T> {
  return withPidfd(process, name, use)
}

/** The same for any process that was written down. */
export async function withPidfd<T>(process: Identity | undefined, name: string, use: (pidfd: number) => T | Promise<T>): Promise<T> {
  if (!process || !alive(process)) throw new NotRunningError(name)
  const pidfd = open(process.pid, name)
  try {
    if (!alive(process)) throw new NotRunningError(name)
    return await use(pidfd)
  } finally {
    closeSync(pidfd)
  }
}

function open(pid: number, name: string): number {
  try {
    return openPidfd(pid)
  } catch (error) {
    if ((error as { code?: string }).code === 'ESRCH') throw new NotRunningError(name)
    throw error
  }
}
