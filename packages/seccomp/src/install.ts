import { sys, type Constant, type Program } from '@ctr/syscall'
import type { Filter } from './compile.ts'

export interface InstallOptions {
  /** What the program calls the listener's descriptor, where the filter has one. Default `listener`. */
  readonly as?: string
  /** Sets no_new_privs first, for a thread without CAP_SYS_ADMIN. Default false: it is set already, or the thread has that capability. */
  readonly noNewPrivs?: boolean
}

/**
 * The calls that bind the thread, and everything it executes, to the filter. They belong at the very end, right before execve: what comes
 * after them has to be allowed by the filter.
 *
 * A filter that leaves calls to a listener makes its descriptor, close-on-exec: it has to be taken from the process, as with pidfd_getfd, while
 * that waits at a checkpoint, so the filter must allow the `write` and `read` of one.
 *
 * @returns calls for a thread that has no_new_privs or CAP_SYS_ADMIN in its user namespace; a thread that executes something afterwards gives the latter up there
 * @throws EACCES (SyscallError) it has neither
 * @throws EBUSY the thread has a filter with a listener already
 * @see seccomp(2), seccomp_unotify(2)
 * @example
 * const program = [...install(compile(profile, { machine: 'x64' }), { noNewPrivs: true }), sys.execve('/bin/true', ['true'], [], 'what it is all for')]
 */
export function install({ instructions, flags, notifies }: Filter, { as = 'listener', noNewPrivs = false }: InstallOptions = {}): Program {
  const why = 'what comes next runs code that is not ours'
  const privileges = noNewPrivs ? [sys.prctl('PR_SET_NO_NEW_PRIVS', 'without CAP_SYS_ADMIN, a filter may only bind what gains nothing from execve')] : []
  if (!notifies) return [...privileges, sys.seccomp('SECCOMP_SET_MODE_FILTER', flags, instructions, why)]
  // A listener and a thread that could not be bound would both be the return value.
  const wanted: readonly Constant<'seccomp_filter'>[] = ['SECCOMP_FILTER_FLAG_NEW_LISTENER', ...(flags.includes('SECCOMP_FILTER_FLAG_TSYNC') ? ['SECCOMP_FILTER_FLAG_TSYNC_ESRCH' as const] : [])]
  return [...privileges, sys.seccomp('SECCOMP_SET_MODE_FILTER', [...flags, ...wanted], instructions, { why, as })]
}
