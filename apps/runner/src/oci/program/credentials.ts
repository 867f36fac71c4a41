import { grantable, setCredentials, type Capability } from '@ctr/caps'
import type { Program } from '@ctr/syscall'
import type { OciProcess } from '../config/process-shape.ts'
import { ConfigError } from '../config/shape.ts'
import type { OciFacts } from '../facts.ts'
import { afterNewUser, type BecomeRootOptions } from './user-namespace.ts'

export interface CredentialOptions extends BecomeRootOptions {
  /** What later calls still need, such as CAP_SYS_ADMIN for seccomp: execve takes it away. */
  readonly untilExec: readonly Capability[]
}

/**
 * The process is the user it is to be, with exactly the five sets of capabilities that were asked for, as far as they can be given.
 *
 * What this machine's kernel does not have, or we ourselves may not pass on, is left out: `capabilityWarnings` says so. Without `capabilities` there are none.
 *
 * @throws ConfigError groups are asked for where none can be set
 */
export function credentials({ user = {}, capabilities = {}, noNewPrivileges = false }: OciProcess, { lastCap, bounding }: Pick<OciFacts, 'lastCap' | 'bounding'>, { untilExec, setgroups, traceable = false }: CredentialOptions): Program {
  const { uid = 0, gid = 0, additionalGids = [] } = user
  if (!setgroups && additionalGids.some((each) => each !== gid)) throw new ConfigError('process.user.additionalGids', 'groups cannot be set where no group but one\'s own is mapped (user_namespaces(7)): it takes newgidmap and a range in /etc/subgid')
  return [
    ...setCredentials({
      sets: grantable(capabilities, { bounding, lastCap }).sets, lastCap, uid, gid, untilExec, noNewPrivs: noNewPrivileges,
      // With the primary one: a file that its group may not read must stay so for a set-group-ID program (CVE-2022-36109).
      groups: setgroups ? [...new Set([gid, ...additionalGids])] : undefined,
    }),
    ...afterNewUser(traceable, 'until execve, nobody in the container may look through this process'),
  ]
}

/**
 * What of the capabilities that were asked for is left out, a line each, for the log. Engines ask for all that they know.
 *
 * @see OCI runtime-spec 1.3 config.md, Linux Process, `capabilities`: what "cannot be granted otherwise MUST be logged as a warning", and the
 *   runtime "SHOULD NOT fail"
 */
export function capabilityWarnings({ capabilities = {} }: Pick<OciProcess, 'capabilities'>, facts: Pick<OciFacts, 'lastCap' | 'bounding'>): string[] {
  const sets = new Map<string, string[]>()
  for (const warning of grantable(capabilities, facts).warnings) {
    const [, set = '', problem = ''] = /^(\w+): (.*)$/s.exec(warning) ?? []
    sets.set(problem, [...(sets.get(problem) ?? []), set])
  }
  return [...sets].map(([problem, of]) => `process.capabilities: ${problem} (${of.join(', ')})`)
}
