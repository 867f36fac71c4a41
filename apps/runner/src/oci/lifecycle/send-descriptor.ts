import { closeSync } from 'node:fs'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/**
 * Whoever listens at the socket has a copy of the descriptor: the side of a terminal that an engine reads and writes.
 *
 * @param text comes with it, and says nothing that matters
 * @throws SyscallError nobody listens there
 * @see unix(7), SCM_RIGHTS
 */
export function sendDescriptor(path: string, fd: number, text: string): void {
  const { fds } = perform([
    sys.socket('AF_UNIX', ['SOCK_STREAM', 'SOCK_CLOEXEC'], 'IPPROTO_IP', { as: 'socket', why: 'the engine waits at its end of one' }),
    sys.connect({ fd: 'socket' }, path, 'the engine listens there'),
    sys.sendmsg({ fd: 'socket' }, { bytes: text, fds: [fd] }, ['MSG_NOSIGNAL'], 'the terminal is the engine\'s from here on'),
  ])
  closeSync(fds['socket']!)
}
