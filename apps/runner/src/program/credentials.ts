import { defaultCapabilities, limitTo, resolve } from '@ctr/caps'
import { sys, type Program } from '@ctr/syscall'
import type { ContainerConfig } from '../config.ts'
import type { Facts } from '../facts.ts'
import type { User } from '../user.ts'
import { remembered } from './remembered.ts'
import { seccomp } from './seccomp.ts'

/**
 * Docker's capabilities but CAP_MKNOD. Docker can grant that one because its devices cgroup says which devices may be opened; without it
 * (support.md), whoever can make a device node has the host's disks.
 */
const base = defaultCapabilities.filter((name) => name !== 'CAP_MKNOD')

export interface Credentials {
  /** The calls after which the process is the user it is to be, with no capability but those granted. Little can be done behind them. */
  readonly limit: Program
  /** The filter of its system calls, for right before execve. */
  readonly filter: Program
}

/** What a process of the container may do, as calls. */
export function credentials(config: Pick<ContainerConfig, 'capAdd' | 'capDrop' | 'noNewPrivileges' | 'seccomp'>,
  { uid, gid, groups }: User, { lastCap, bounding, machine, kernel }: Pick<Facts, 'lastCap' | 'bounding' | 'machine' | 'kernel'>): Credentials {
  const { capAdd = [], capDrop = [], noNewPrivileges = false } = config
  const capabilities = resolve({ base, add: capAdd, drop: capDrop, all: bounding })
  const filter = seccomp(config.seccomp, { capabilities, machine, kernel })
  // A filter may be installed by who gains nothing from execve anyhow, or who has this capability; execve takes it away.
  const untilExec = filter.length > 0 && !noNewPrivileges ? ['CAP_SYS_ADMIN' as const] : []
  return { limit: limited({ capabilities, lastCap, uid, gid, groups, noNewPrivs: noNewPrivileges, untilExec }), filter }
}

const limited = remembered((limits: Parameters<typeof limitTo>[0]) => [
  ...limitTo(limits),
  // Another user's process can be traced by all of that user's where the machine says so (fs.suid_dumpable, prctl(2)).
  sys.prctl('PR_SET_DUMPABLE', 'SUID_DUMP_DISABLE', 'until execve, nobody in the container may look through this process'),
])
