import { descriptors, sys, SyscallError } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { terminalCheckpoint } from './calls/terminal.ts'
import type { LaunchedProcess } from './process.ts'
import { receiveDescriptor } from './receive-descriptor.ts'
import { resize, type TerminalSize } from './terminal-size.ts'

export { socketPair as messageSockets } from './descriptor.ts'
export { receiveDescriptor, receiveMessage, type ReceivedMessage } from './receive-descriptor.ts'
export { resize, type TerminalSize } from './terminal-size.ts'
export { TerminalStreams } from './terminal-streams.ts'

/** Both sides of a terminal; the caller closes them. */
export interface Terminal {
  readonly master: number
  readonly slave: number
}

/**
 * A new terminal of our own devpts is open, both sides close-on-exec, and has this size.
 *
 * @throws {SyscallError} ENOSPC: there are no more terminals (kernel.pty.max)
 * @see pty(7), ioctl_tty(2)
 */
export function openTerminalPair(size: TerminalSize): Terminal {
  const { fds } = perform([
    sys.openat('AT_FDCWD', '/dev/ptmx', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], 0, { as: 'master', why: 'opening it makes a terminal' }),
    sys.ioctl({ fd: 'master' }, 'TIOCSPTLCK', 0, 'a new terminal is locked'),
    sys.ioctl({ fd: 'master' }, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], { as: 'slave', why: 'a path to the other side could lead anywhere' }),
  ])
  resize(fds['master']!, size)
  return { master: fds['master']!, slave: fds['slave']! }
}

/**
 * The master side of the terminal that a process waiting at the checkpoint of `openTerminal` has opened. Taken by pidfd: nothing of the
 * process's choosing is opened by name.
 *
 * @returns a descriptor that the caller closes; undefined where the process has died while it waited, which launch has the words for
 * @see pidfd_getfd(2)
 */
export function takeMaster(process: LaunchedProcess, size: TerminalSize): number | undefined {
  const { program, open } = process.plan
  const index = program.findIndex((call) => call.name === 'write' && call.args[1] === `${terminalCheckpoint}\n`)
  const theirs = descriptors(program, open).at(index, 'master')
  if (theirs === undefined) throw new Error('The program opens no terminal')
  const master = take(process.pidfd, theirs)
  if (master !== undefined) resize(master, size)
  return master
}

/**
 * The master side that a process has sent to the other of our `messageSockets`, by `openTerminal` with `sendTo`: for who may not look at the process.
 *
 * @returns a descriptor that the caller closes; undefined where the process has died before it sent it
 */
export function receiveMaster(socket: number, size: TerminalSize): number | undefined {
  const master = receiveDescriptor(socket)
  if (master !== undefined) resize(master, size)
  return master
}

function take(pidfd: number, theirs: number): number | undefined {
  try {
    return perform([sys.pidfd_getfd(pidfd, theirs, { as: 'master', why: 'this side of the terminal is ours' })]).fds['master']!
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ESRCH') return undefined
    throw error
  }
}
