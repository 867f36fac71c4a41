import type { Capability } from '@ctr/caps'
import { checkpoint } from '@ctr/launch'
import { compile, install, type Filter } from '@ctr/seccomp'
import { sys, type Machine, type Program } from '@ctr/syscall'
import type { OciSeccomp } from '../config/seccomp-shape.ts'

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

const none: ContainerFilter = { early: [], last: [], needs: [] }

/**
 * @param noNewPrivileges then no capability is needed (seccomp(2))
 * @throws TypeError, RangeError the filter needs more than 4096 instructions
 */
export function containerFilter(seccomp: OciSeccomp | undefined, { noNewPrivileges, machine }: { readonly noNewPrivileges: boolean; readonly machine: Machine }): ContainerFilter {
  if (!seccomp) return none
  const filter: Filter = compile(seccomp, { machine, at: 'linux.seccomp' })
  const needs: readonly Capability[] = noNewPrivileges ? [] : ['CAP_SYS_ADMIN']
  if (!filter.notifies) return { early: [], last: install(filter), needs }
  return { early: [...install(filter), ...checkpoint(listenerCheckpoint), sys.close({ fd: 'listener' }, 'who decides must not be the container itself')], last: [], needs }
}
