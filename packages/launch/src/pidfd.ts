import { sys, SyscallError, type Constant } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { wait } from './wait.ts'

/** A descriptor that refers to a process and never to another. */
export function openPidfd(pid: number): number {
  return perform([sys.pidfd_open(pid, { as: 'pidfd', why: 'a pid may be given to another process, a pidfd may not' })]).fds['pidfd']!
}

/** Sends a signal. @returns false when the process has ended */
export function signalPidfd(pidfd: number, signal: Constant<'signal'>): boolean {
  try {
    perform([sys.pidfd_send_signal(pidfd, signal, 'somebody asked for it')])
    return true
  } catch (error) {
    if (error instanceof SyscallError && (error.code === 'ESRCH' || error.code === 'EBADF')) return false
    throw error
  }
}

/**
 * Resolves when the descriptor is readable: a pidfd when its process has ended, a socket when there is a message or end of file.
 *
 * @param options.signal gives the wait up, which has to be before the descriptor is closed
 * @throws the reason of `signal`
 */
export async function readable(fd: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
  signal?.throwIfAborted()
  const waiting = wait(fd)
  if (signal === undefined) return waiting.readable
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => (abort = () => reject(signal.reason)))
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([waiting.readable, aborted])
  } finally {
    waiting.cancel()
    signal.removeEventListener('abort', abort)
  }
}
