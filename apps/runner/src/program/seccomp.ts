import { compile, install, reduceMoby, type MobyFacts } from '@ctr/seccomp'
import type { Program } from '@ctr/syscall'
import type { ContainerConfig } from '../config.ts'
import { defaultProfile } from './default-profile.ts'
import { remembered } from './remembered.ts'

/** What is let through depends on what the container may do, on the machine, and in Docker's profiles on its kernel. */
type SeccompFacts = Pick<MobyFacts, 'machine' | 'kernel'> & { readonly capabilities: Parameters<typeof defaultProfile>[0] }

/**
 * The calls that bind the process to the filter of its container: the very last before execve, which is among what it has to let through.
 *
 * @returns calls for a thread that has no_new_privs, or still has CAP_SYS_ADMIN
 * @throws TypeError, RangeError the profile is none, or leaves calls to a listener
 */
export function seccomp(wanted: ContainerConfig['seccomp'] = 'default', { capabilities, machine, kernel }: SeccompFacts): Program {
  if (wanted === 'unconfined') return []
  if (wanted === 'default') return byDefault(capabilities, machine)
  const filter = compile(reduceMoby(wanted, { capabilities, machine, kernel }), { machine })
  if (filter.notifies) throw new TypeError('Cannot leave system calls to a listener (SCMP_ACT_NOTIFY): nobody would answer them')
  return install(filter)
}

const byDefault = remembered((capabilities: SeccompFacts['capabilities'], machine: SeccompFacts['machine']) => install(compile(defaultProfile(capabilities), { machine })))
