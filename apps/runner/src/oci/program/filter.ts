import type { Capability } from '@ctr/caps'
import { checkpoint } from '@ctr/launch'
import { compile, decide, install, type Filter } from '@ctr/seccomp'
import { sys, type Machine, type Program } from '@ctr/syscall'
import type { OciSeccomp } from '../config/seccomp-shape.ts'
import { ConfigError } from '../config/shape.ts'

/** Where the process waits while its listener is handed to who watches over its calls. */
export const listenerCheckpoint = 'seccomp listener'

/** A seccomp filter in the places of a program that it has. */
export interface ContainerFilter {
  /** In front of the last checkpoint: a listener has to be handed over before anything is asked of it. */
  readonly early: Program
  /** In front of execve and nothing else: what the filter forbids, it must not forbid us. */
  readonly last: Program
  /** What installing it takes, without no_new_privs. execve takes it away. */
  readonly needs: readonly Capability[]
}

export interface FilterPlace {
  /** Then no capability is needed (seccomp(2)). */
  readonly noNewPrivileges: boolean
  readonly machine: Machine
  /** A passed socket to which the listener is sent: where who makes the process may not look at it. */
  readonly sendTo?: string | undefined
}

/** Whether somebody is asked about calls. */
export const asks = ({ syscalls = [] }: OciSeccomp): boolean => syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY')

const none: ContainerFilter = { early: [], last: [], needs: [] }

/**
 * @throws RangeError the filter needs more than 4096 instructions
 * @throws ConfigError the filter cannot be meant, or the listener would have to be sent by a call that the filter does not let pass
 */
export function containerFilter(seccomp: OciSeccomp | undefined, { noNewPrivileges, machine, sendTo }: FilterPlace): ContainerFilter {
  if (!seccomp) return none
  const filter = compiled(seccomp, machine)
  const needs: readonly Capability[] = noNewPrivileges ? [] : ['CAP_SYS_ADMIN']
  if (!filter.notifies) return { early: [], last: install(filter), needs }
  if (sendTo !== undefined) checkSendmsg(seccomp, machine)
  return {
    early: [
      ...install(filter),
      ...(sendTo === undefined ? [] : [sys.sendmsg({ fd: sendTo }, { bytes: listenerCheckpoint, fds: [{ fd: 'listener' }] }, ['MSG_NOSIGNAL'], 'who makes the process may not take it, but be given it')]),
      ...checkpoint(listenerCheckpoint), sys.close({ fd: 'listener' }, 'who decides must not be the container itself'),
    ],
    last: [], needs,
  }
}

/** The compiler's own errors begin with the path. */
function compiled(seccomp: OciSeccomp, machine: Machine): Filter {
  try {
    return compile(seccomp, { machine, at: 'linux.seccomp' })
  } catch (error) {
    const [, path, problem] = /^(linux\.seccomp[^:\s]*): (.*)$/s.exec((error as Error).message) ?? []
    throw path === undefined ? error : new ConfigError(path, problem!)
  }
}

const passes = (action: string): boolean => action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG'

/** Asked about, the process would wait for an answer from whoever is to get the listener from it. Whatever a rule's conditions are: what they would be met by is not known. */
function checkSendmsg(seccomp: OciSeccomp, machine: Machine): void {
  const why = 'the listener is sent by sendmsg where the runtime is not root, and this filter does not let every one pass'
  const rule = (seccomp.syscalls ?? []).findIndex(({ names, action }) => names.includes('sendmsg') && !passes(action))
  if (rule >= 0) throw new ConfigError(`linux.seccomp.syscalls[${rule}].names`, why)
  if (!passes(decide(seccomp, { call: 'sendmsg' }, { machine, at: 'linux.seccomp' }).action)) throw new ConfigError('linux.seccomp.syscalls', why)
}
