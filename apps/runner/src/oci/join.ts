import { cloneInto, joinCalls, type Group } from '@ctr/cgroup'
import { checkpoint, type LaunchOptions } from '@ctr/launch'
import { changeRoot, workingDirectory } from '@ctr/rootfs'
import { sys, type Constant, type Program } from '@ctr/syscall'
import { executions } from '../program/execute.ts'
import { openTerminal, takeTerminal } from '../program/terminal.ts'
import type { OciConfig } from './config/config-shape.ts'
import type { OciProcess } from './config/process-shape.ts'
import { unitCheckpoint } from './container.ts'
import { environmentOf } from './environment.ts'
import type { OciFacts } from './facts.ts'
import { apparmor } from './program/apparmor.ts'
import { attributes, hostAttributes, umask } from './program/attributes.ts'
import { cpuAffinity } from './program/cpu-affinity.ts'
import { capabilityWarnings, credentials } from './program/credentials.ts'
import { containerFilter } from './program/filter.ts'
import { joinResctrl, type ResctrlGroup } from './program/intel-rdt.ts'
import { becomeRoot } from './program/user-namespace.ts'
import { selinux } from './program/selinux.ts'
import { sessionKeyring } from './program/session-keyring.ts'
import { movePreserved, preservedName } from './program/preserved.ts'

export interface JoinWishes {
  /** Those of the container's first process that are not ours. */
  readonly namespaces: readonly Constant<'setns'>[]
  readonly group: Group
  /** Systemd moves the process into its group. */
  readonly systemd?: boolean
  readonly preserveFds?: number
  /** The root directory of the container's first process, on the host: where it has no mount namespace that could be joined. */
  readonly chroot?: string | undefined
  /** Our side of its terminal is sent to the socket that is passed as `terminalSocket`: who may not look at it cannot take it. */
  readonly sendsTerminal?: boolean
  /** So is the listener of its filter, to `listenerSocket`. */
  readonly sendsListener?: boolean
  /** The name of the container's session keyring; without one, that of the caller stays, as it did then. */
  readonly keyring?: string | undefined
  /** Its class of service in resctrl. */
  readonly resctrl?: ResctrlGroup | undefined
  /** The group may be frozen: `--ignore-paused`. */
  readonly mayBeFrozen?: boolean
}

export const terminalSocket = 'terminal socket'
export const listenerSocket = 'listener socket'

/** What a process has come to that was frozen with the group that it joined, and goes on. If nobody waits for it any more, it ends here. */
export const resumedCheckpoint = 'resumed'

/** What has to be known to join a container. */
export interface JoinFacts extends Pick<OciFacts, 'appArmor' | 'seLinux' | 'lastCap' | 'bounding' | 'home' | 'rlimits' | 'machine'> {
  /** Whether groups can be set in the container. */
  readonly setgroups: boolean
}

/** Another process for a container, before it exists. */
export interface OciJoining {
  readonly program: Program
  readonly launch: Pick<LaunchOptions, 'name' | 'stage' | 'cgroup' | 'detached'> & { readonly pass: readonly string[]; readonly joins: readonly Constant<'setns'>[] }
  /** What was asked for and is left out, for the log. */
  readonly warnings: readonly string[]
}

/**
 * A process that joins a container, as data: what the container's own got from its configuration, this one gets too, or from its own.
 *
 * @param config of the container
 * @throws ConfigError what is not supported
 */
export function ociJoining(config: OciConfig, process: OciProcess, facts: JoinFacts, { namespaces, group, chroot, systemd = false, preserveFds = 0, sendsTerminal = false, sendsListener = false, keyring, resctrl, mayBeFrozen = false }: JoinWishes): OciJoining {
  const born = systemd ? undefined : cloneInto(group)
  // The files have to be opened while the host's are in view, and written by the process that is to be in the group.
  const join = systemd ? [] : joinCalls(group, { clonedInto: born !== undefined })
  const processors = cpuAffinity(process)
  const terminal = process.terminal ?? false
  const env = environmentOf(process, facts)
  const filter = containerFilter(config.linux?.seccomp, { noNewPrivileges: process.noNewPrivileges ?? false, machine: facts.machine, sendTo: sendsListener ? listenerSocket : undefined })
  return {
    warnings: capabilityWarnings(process, facts),
    program: [
      ...(systemd ? checkpoint(unitCheckpoint) : []),
      ...join.filter((call) => call.name !== 'openat'),
      ...(mayBeFrozen ? checkpoint(resumedCheckpoint) : []),
      ...processors.final,
      ...(namespaces.includes('CLONE_NEWCGROUP') ? [sys.setns({ fd: 'joined' }, ['CLONE_NEWCGROUP'], 'the group had to be joined before: from inside it cannot be named')] : []),
      sys.close({ fd: 'joined' }, 'a descriptor of a host process must not reach the command'),
      ...(chroot === undefined ? [] : changeRoot({ fd: 'root' })),
      sys.setsid('the session of whoever started us is not the container\'s'),
      ...(namespaces.includes('CLONE_NEWUSER') ? becomeRoot(facts) : []),
      ...workingDirectory({ path: process.cwd }),
      ...(terminal ? openTerminal(process.user?.uid ?? 0, { sendTo: sendsTerminal ? terminalSocket : undefined }) : []),
      ...sessionKeyring(keyring),
      ...attributes(config, process, facts),
      ...umask(process),
      ...credentials(process, facts, { untilExec: filter.needs, setgroups: facts.setgroups }),
      ...(terminal ? takeTerminal() : []),
      ...filter.early,
      ...movePreserved(preserveFds),
      ...filter.last,
      ...executions(process.args, env.variables, env.path),
    ],
    launch: {
      name: 'ctr-oci', detached: true, stage: [...processors.initial, ...hostAttributes(process), ...joinResctrl(resctrl), ...apparmor(process.apparmorProfile || config.process?.apparmorProfile, facts, 'apparmorProfile'), ...selinux(process.selinuxLabel || config.process?.selinuxLabel, facts, 'selinuxLabel', { newKeyring: keyring !== undefined }), ...join.filter((call) => call.name === 'openat'), ...(chroot === undefined ? [] : [sys.openat('AT_FDCWD', chroot, ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'root', why: 'the root of the container is no mount, and so in no namespace' })])], ...(born === undefined ? {} : { cgroup: born }),
      pass: [...Array.from({ length: preserveFds }, (_, i) => preservedName(i)), ...(terminal && sendsTerminal ? [terminalSocket] : []), ...(sendsListener ? [listenerSocket] : [])], joins: namespaces.filter((flag) => flag !== 'CLONE_NEWCGROUP'),
    },
  }
}
