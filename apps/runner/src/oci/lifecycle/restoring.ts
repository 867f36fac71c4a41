import { closeSync } from 'node:fs'
import { parseProcCgroup, type Group } from '@ctr/cgroup'
import { launch, type Stdio } from '@ctr/launch'
import { loopbackUp } from '@ctr/ns'
import { sys, type Program } from '@ctr/syscall'
import { withPidfd } from '../../held-process.ts'
import { resize } from '../../terminal.ts'
import type { OciConfig } from '../config/config-shape.ts'
import { ConfigError } from '../config/shape.ts'
import { processOf } from '../container.ts'
import type { Inherited } from '../criu/descriptors.ts'
import { hasGroups } from '../criu/external-mounts.ts'
import { checkRestorable } from '../criu/external-namespaces.ts'
import { attributes } from '../program/attributes.ts'
import { isIdMapped } from '../program/mount-ids.ts'
import { sessionKeyring } from '../program/session-keyring.ts'
import { newNamespaces } from '../program/namespaces.ts'
import type { OciState } from '../state/oci-state.ts'
import { sendDescriptor } from './send-descriptor.ts'
import { checkConsoleSocket, checkTerminal, type TerminalTaker } from './terminal.ts'

/** @throws ConfigError, OciError a container like this cannot be had from a checkpoint */
export function checkRestore(config: OciConfig, { layout }: Group, taker: TerminalTaker): void {
  checkRestorable(config)
  const process = processOf(config)
  checkTerminal(process, taker)
  checkConsoleSocket(process, taker)
  const { mounts = [], linux = {} } = config
  const mapped = mounts.findIndex(isIdMapped)
  if (mapped >= 0) throw new ConfigError(`mounts[${mapped}]`, 'restore is not supported with a mount whose IDs are mapped: CRIU would make it without')
  if (linux.netDevices?.size) throw new ConfigError('linux.netDevices', 'restore is not supported with devices that are moved to the container')
  if (linux.intelRdt) throw new ConfigError('linux.intelRdt', 'restore is not supported with a group of resctrl')
  const groups = mounts.findIndex(({ type }) => type === 'cgroup')
  if (groups >= 0 && layout.mode !== 'v2' && !hasGroups(config)) throw new ConfigError(`mounts[${groups}]`, 'restore is not supported with a view of groups of version 1 without a cgroup namespace')
}

/** What shows the container its groups, where it has no namespace of them: the directory itself. */
export const shownGroup = (config: OciConfig, { places }: Group): string | undefined => (hasGroups(config) ? undefined : places.find(({ version }) => version === 2)?.directory)

/** What CRIU has as 0, 1 and 2, to find it there: the caller's, where the container had those of its caller; and nothing that does not concern it. */
export function stdioOf(inherited: readonly Inherited[], ours: readonly [Stdio, Stdio, Stdio] = ['inherit', 'inherit', 'inherit']): [Stdio, Stdio, Stdio] {
  const of = (number: 0 | 1 | 2): Stdio => (inherited.some(({ fd, nowhere }) => fd === number && !nowhere) ? ours[number] : 'ignore')
  return [of(0), of(1), of(2)]
}

/**
 * What CRIU does not restore, and its children have from it: without this no_new_privs would be lost, and the keys of whoever started us be in
 * reach. What the container's own processes have changed of it since is not known.
 *
 * @see criu/pie/restorer.c of CRIU 3.17; no_new_privs is restored since 4.2
 */
export function passedOn(config: OciConfig, keyring: string): Program {
  const { args, cwd, ioPriority, noNewPrivileges } = processOf(config)
  return [
    ...sessionKeyring(keyring), ...attributes(config, { args, cwd, ...(ioPriority ? { ioPriority } : {}) }, { rlimits: {} }),
    ...(noNewPrivileges ? [sys.prctl('PR_SET_NO_NEW_PRIVS', 'set-user-id and file capabilities must give nothing')] : []),
  ]
}

/** The groups that CRIU is in, as those in the place of which the container had its own. @param text of its /proc/PID/cgroup */
export const groupRoots = (text: string): { readonly ctrl: string; readonly path: string }[] =>
  parseProcCgroup(text).flatMap(({ controllers, path }) => (controllers.length === 0 ? [''] : controllers).map((ctrl) => ({ ctrl, path })))

/** In a new network namespace lo is down; its addresses are what restored sockets are bound to. */
export async function networkUp({ process, id }: OciState, { linux = {} }: OciConfig): Promise<void> {
  if (!newNamespaces(linux.namespaces ?? []).includes('CLONE_NEWNET')) return
  await withPidfd(process, id, async (pidfd) => {
    const up = await launch(loopbackUp(), { name: 'ctr-lo', join: { pidfd, namespaces: ['CLONE_NEWNET'] }, stdio: 'ignore' })
    await up.closed
  })
}

/** Our side of the terminal that CRIU has made anew is with who takes it. */
export function handMasterOver(master: number, config: OciConfig, { consoleSocket, onTerminal }: TerminalTaker): void {
  const { width, height } = processOf(config).consoleSize ?? {}
  if (width && height) resize(master, { columns: width, rows: height })
  if (!consoleSocket && onTerminal) return onTerminal(master, Boolean(width && height))
  try {
    if (consoleSocket) sendDescriptor(consoleSocket, master, '/dev/ptmx')
  } finally {
    closeSync(master)
  }
}
