import { cloneInto, joinCalls, type Group } from '@ctr/cgroup'
import { checkpoint, planFor, type IdMaps, type LaunchOptions, type Plan } from '@ctr/launch'
import { domainname, hostname, loopbackUp } from '@ctr/ns'
import { workingDirectory } from '@ctr/rootfs'
import { sys, type Program } from '@ctr/syscall'
import { executions } from '../program/execute.ts'
import { openTerminal, takeTerminal } from '../program/terminal.ts'
import type { OciConfig } from './config/config-shape.ts'
import type { OciProcess } from './config/process-shape.ts'
import { ConfigError } from './config/shape.ts'
import { checkWithoutMounts, sharesMounts } from './config/without-mounts.ts'
import { environmentOf } from './environment.ts'
import type { OciFacts } from './facts.ts'
import { apparmor } from './program/apparmor.ts'
import { attributes, hostAttributes, umask } from './program/attributes.ts'
import { capabilityWarnings, credentials } from './program/credentials.ts'
import { containerFilter } from './program/filter.ts'
import { intelRdt, joinResctrl, type IntelRdt } from './program/intel-rdt.ts'
import { consoleOfTerminal } from './program/devices.ts'
import { idMapsOf } from './program/id-maps.ts'
import { mountIds } from './program/mount-ids.ts'
import { networkDevices } from './program/network-devices.ts'
import { cgroupNamespace, enterNamespaces, newNamespaces, timeNamespace, type NamespaceFlag } from './program/namespaces.ts'
import { movePreserved, preservedName } from './program/preserved.ts'
import { sessionKeyring } from './program/session-keyring.ts'
import { mountLabel, selinux } from './program/selinux.ts'
import { userNamespaceOf } from './program/user-namespace-of.ts'
import { enterRoot } from './program/root.ts'
import { becomeRoot } from './program/user-namespace.ts'

/** Where the process waits while hooks run: its namespaces are there, and the host's files in view. */
export const hooksCheckpoint = 'hooks'
/** Where it waits, in front of everything, until systemd has moved it into its group. */
export const unitCheckpoint = 'unit'
/** Where it waits for the last time before it waits for `start`. */
export const createdCheckpoint = 'created'

/** What the command line of `create` adds to a bundle. */
export interface CreateWishes {
  /** How many descriptors from 3 on the command gets. */
  readonly preserveFds?: number
  /** The name of its session keyring; without one, that of the caller stays: `--no-new-keyring`. */
  readonly keyring?: string | undefined
  /** The old root stays below the new one: `--no-pivot`, for hosts on their initramfs, where pivot_root cannot be. */
  readonly noPivot?: boolean
  /** The command starts at once: `run`. Otherwise it waits until somebody writes to the FIFO of `start`. */
  readonly waits?: boolean
  /** The name of the container: that of its class of service, if it has one. Default `container`. */
  readonly id?: string
  /** What only root of the machine may do to groups is not done: `--rootless`. Default: as it is. */
  readonly rootless?: boolean
  /** Systemd makes the group, and moves the process into it: `--systemd-cgroup`. */
  readonly systemd?: boolean
}

/** A container of a bundle before it exists: everything that will be done for it, as data. */
export interface OciContainer {
  readonly program: Program
  readonly launch: Pick<LaunchOptions, 'name' | 'cgroup' | 'stage' | 'detached' | 'traceable'> & { readonly idMaps?: IdMaps } & { readonly pass: readonly string[]; readonly namespaces: readonly NamespaceFlag[] }
  /** Maps whose user namespaces have to be passed under these names, as `pass` has them: for mounts. */
  readonly idMaps: Readonly<Record<string, IdMaps>>
  readonly group: Group
  /** The root file system on the host. */
  readonly rootfs: string
  /** Its class of service in resctrl. */
  readonly rdt?: IntelRdt
  /** What was asked for and is left out, for the log. */
  readonly warnings: readonly string[]
}

/**
 * The container as data, from its configuration and what is known of the machine. Nothing is read and nothing is done.
 *
 * @throws ConfigError with the path of what cannot be, or is not supported
 */
export function ociContainer(config: OciConfig, facts: OciFacts, group: Group, wishes: CreateWishes = {}): OciContainer {
  const { preserveFds = 0, keyring, noPivot = false, waits = true, systemd = false, id = 'container' } = wishes
  const process = processOf(config)
  const { linux = {} } = config
  const namespaces = linux.namespaces ?? []
  const made = newNamespaces(namespaces)
  if (sharesMounts(config)) checkWithoutMounts(config, facts.caller)
  const born = systemd ? undefined : cloneInto(group)
  // The files are opened while the host's are in view and ours to open, and written by the process that is to be in the group.
  const join = systemd ? [] : joinCalls(group, { clonedInto: born !== undefined })
  const cgroup = cgroupNamespace(namespaces)
  const ids = mountIds(config)
  const root = enterRoot(config, facts, group, { ids: ids.of, pivot: !noPivot, ...mountLabel(linux.mountLabel, facts) })
  const terminal = process.terminal ?? false
  const env = environmentOf(process, facts)
  const users = userNamespaceOf(config, facts.caller)
  const devices = networkDevices(config, facts.caller)
  const rdt = linux.intelRdt && intelRdt(linux.intelRdt, id, facts.resctrl)
  const filter = containerFilter(linux.seccomp, { noNewPrivileges: process.noNewPrivileges ?? false, machine: facts.machine })
  const program: Program = [
    // A cgroup namespace has the group for its root in which its maker is by then.
    ...(systemd ? checkpoint(unitCheckpoint) : []),
    sys.setsid('the terminal and the session of whoever started us are not the container\'s'),
    ...join.filter((call) => call.name !== 'openat'),
    ...cgroup.enter,
    ...root.sources,
    ...(namespaces.some(({ type }) => type === 'user') ? becomeRoot(users) : []),
    ...root.build,
    ...devices,
    ...checkpoint(hooksCheckpoint),
    ...root.enter,
    ...(config.hostname ? hostname(config.hostname) : []),
    ...(config.domainname ? domainname(config.domainname) : []),
    ...(made.includes('CLONE_NEWNET') ? loopbackUp() : []),
    ...workingDirectory({ path: process.cwd }),
    ...(terminal ? [...openTerminal(process.user?.uid ?? 0), ...consoleOfTerminal()] : []),
    ...sessionKeyring(keyring),
    ...attributes(config, process, facts),
    ...umask(process),
    ...credentials(process, facts, { ...users, untilExec: filter.needs }),
    ...(terminal ? takeTerminal() : []),
    ...filter.early,
    ...checkpoint(createdCheckpoint),
    ...(waits ? [sys.read({ fd: 'start' }, { out: 1 }, { why: 'the command belongs to start: until then the container is created and no more', returns: 1 })] : []),
    ...movePreserved(preserveFds),
    ...filter.last,
    ...executions(process.args, env.variables, env.path),
  ]
  return {
    program, group, rootfs: facts.rootfs, idMaps: ids.wanted, warnings: capabilityWarnings(process, facts), ...(rdt ? { rdt } : {}),
    launch: {
      name: 'ctr-oci', namespaces: made, detached: true, traceable: users.traceable,
      stage: [...hostAttributes(process), ...joinResctrl(rdt?.group), ...apparmor(process.apparmorProfile, facts, 'process.apparmorProfile'), ...selinux(process.selinuxLabel, facts, 'process.selinuxLabel', { newKeyring: keyring !== undefined }), ...join.filter((call) => call.name === 'openat'), ...cgroup.open, ...ids.open, ...root.idMapped, ...ids.close, ...timeNamespace(namespaces, linux.timeOffsets), ...enterNamespaces(namespaces)],
      ...(born === undefined ? {} : { cgroup: born }),
      ...(linux.uidMappings && linux.gidMappings ? { idMaps: idMapsOf(linux.uidMappings, linux.gidMappings) } : {}),
      pass: [...Array.from({ length: preserveFds }, (_, i) => preservedName(i)), ...Object.keys(ids.wanted), ...(waits ? ['start'] : [])],
    },
  }
}

/** The process of a configuration, which has one if it is to be started. */
export function processOf({ process }: OciConfig): OciProcess {
  if (!process) throw new ConfigError('process', 'it is missing: there would be nothing to start')
  return process
}

/** The whole of what will be made: for explain. */
export function ociPlan({ program, launch }: OciContainer): Plan {
  return planFor(program, { ...launch, pass: Object.fromEntries(launch.pass.map((name) => [name, -1])) })
}
