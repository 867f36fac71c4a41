import { sys, type FdRef, type Program } from '@ctr/syscall'
import { checkpoint } from '../checkpoint.ts'

/** The checkpoint at which the parent takes the master side over. */
export const terminalCheckpoint = 'terminal'

/**
 * The process has opened a new terminal of the devpts that it sees, and the parent has been given the time to take the master side over:
 * `takeMaster` of `@ctr/launch/terminal`. Its own side is open as `terminal`.
 *
 * From inside, so that `tty` finds its name there. The slave comes from the master by ioctl, not by a path that somebody could have
 * replaced (CVE-2025-52565).
 *
 * At the checkpoint `terminalCheckpoint` the master is open as `master`.
 *
 * @param uid who is to own it, so that it can be opened by name
 * @param options.sendTo a passed socket to which the master is sent, for `receiveMaster`: where the parent may not look at the process
 * @throws ENOENT there is no devpts
 * @throws ENOSPC there are no more terminals: kernel.pty.max, or the `max` of the devpts
 * @see ioctl_tty(2), pty(7)
 */
export function openTerminal(uid = 0, { sendTo }: { readonly sendTo?: string | undefined } = {}): Program {
  return [
    sys.openat('AT_FDCWD', '/dev/pts/ptmx', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], 0, { as: 'master', why: 'the terminal must be one of the container' }),
    sys.ioctl({ fd: 'master' }, 'TIOCSPTLCK', 0, 'a new terminal is locked'),
    sys.ioctl({ fd: 'master' }, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], { as: 'terminal', why: 'a path to the other side could lead anywhere' }),
    ...(uid === 0 ? [] : [sys.fchown({ fd: 'terminal' }, uid, 5, 'the user must be able to open its own terminal, as group tty allows others to write to it')]),
    ...(sendTo === undefined ? [] : [
      sys.sendmsg({ fd: sendTo }, { bytes: 'terminal', fds: [{ fd: 'master' }] }, ['MSG_NOSIGNAL'], 'the parent may not take it from this process, but be given it'),
      sys.close({ fd: sendTo }, 'nothing else is to be said'),
    ]),
    ...checkpoint(terminalCheckpoint),
    sys.close({ fd: 'master' }, 'the other side belongs to the parent'),
  ]
}

/**
 * The terminal is the controlling one of the session: ^C, ^Z, hang-up and job control work.
 *
 * @throws EPERM the process leads no session, or that has a terminal already, or the terminal is of another session
 * @see TIOCSCTTY(2const), setsid(2)
 */
export function controllingTerminal(terminal: number | FdRef): Program {
  return [sys.ioctl(terminal, 'TIOCSCTTY', 0, 'job control and ^C need a controlling terminal')]
}

/** The terminal called `terminal` is the controlling one of the session that the process leads, and its 0, 1 and 2. */
export function takeTerminal(): Program {
  return [
    ...controllingTerminal({ fd: 'terminal' }),
    ...[0, 1, 2].map((fd) => sys.dup3({ fd: 'terminal' }, fd, [], 'the command reads and writes its terminal')),
    sys.close({ fd: 'terminal' }, 'three descriptors of it are enough'),
  ]
}
