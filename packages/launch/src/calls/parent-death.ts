import { sys, type Constant, type Program } from '@ctr/syscall'

/**
 * The process gets a signal when its parent is gone.
 *
 * The kernel's parent is a thread: the signal also comes when the Worker that started the process ends. It is not passed on to children,
 * and lost at an execve of a file with set-user-ID or capabilities and at any change of credentials, so this comes behind those. Where
 * the process must end with Node and not with a thread, launch it without `detached`: that watches for the end of file on a pipe.
 *
 * @param parent the PID that the parent should have: where it has died before, the program stops here. Leave it out in a new PID
 *   namespace, where no parent has a PID
 * @throws ESHORT the parent has died already
 * @see PR_SET_PDEATHSIG(2const)
 *
 * @example
 * ```ts
 * parentDeathSignal('SIGTERM', process.pid)
 * ```
 */
export function parentDeathSignal(signal: Constant<'signal'>, parent?: number): Program {
  return [
    sys.prctl('PR_SET_PDEATHSIG', signal, 'it is of no use without its parent'),
    ...(parent === undefined ? [] : [sys.getppid({ why: 'the parent may have died before the signal was asked for', returns: parent })]),
  ]
}
