import { closeSync } from 'node:fs'
import { launch, type LaunchedProcess, type LaunchOptions, type Stdio } from '@ctr/launch'
import { terminalCheckpoint } from '../../program/terminal.ts'
import { messageSockets } from '../../terminal.ts'
import type { OciProcess } from '../config/process-shape.ts'
import { readCaller } from '../caller.ts'
import { sharesMounts } from '../config/without-mounts.ts'
import { unitCheckpoint } from '../container.ts'
import { listenerSocket, ociJoining, resumedCheckpoint, terminalSocket } from '../join.ts'
import { OciError } from '../oci-error.ts'
import { asks, listenerCheckpoint } from '../program/filter.ts'
import { readJoinFacts } from '../read-facts.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { groupOfState, reportedState, statusOf, type OciStatus } from '../state/status.ts'
import { configOf } from './config-of.ts'
import { findExecutable, findWorkingDirectory, hasRoot } from './find-executable.ts'
import { inContainer, otherNamespaces } from './in-container.ts'
import { joinableGroup } from './joinable-group.ts'
import { subgroup } from './subgroup.ts'
import { writePidFile } from './pid-file.ts'
import { handListenerOver } from './listener.ts'
import { preservedDescriptors } from './preserved-descriptors.ts'
import { checkTerminal, handTerminalOver, type TerminalTaker } from './terminal.ts'
import { attachToUnit } from './unit.ts'

export interface ExecOptions extends TerminalTaker {
  readonly store: OciStore
  readonly id: string
  /** The process, from that of the container. */
  readonly process: (own: OciProcess | undefined) => OciProcess
  readonly pidFile?: string | undefined
  readonly preserveFds?: number
  readonly stdio?: Stdio
  /** A paused container is joined too, and waited for until it is resumed; else it is an error. Default false. */
  readonly ignorePaused?: boolean
  /** Groups below the container's: `--cgroup`. */
  readonly subgroups?: readonly string[]
  /** What the interpreter is to do between the calls, or to one of them: for tests. */
  readonly weave?: Pick<LaunchOptions, 'fault' | 'step'>
  /** Hears what was asked for and is left out. */
  readonly warn?: (message: string) => void
}

/**
 * Another process runs in a container, in its namespaces and groups.
 *
 * @returns it, once it has executed its command: in a paused container not before that is resumed
 * @throws OciError, SyscallError, ConfigError
 */
export async function exec(options: ExecOptions): Promise<LaunchedProcess> {
  const { store, id, ignorePaused = false } = options
  const { state, status } = running(store, id, ignorePaused)
  const config = configOf(store, state)
  const process = options.process(config.process)
  checkTerminal(process, options)
  const preserved = preservedDescriptors(options.preserveFds ?? 0)
  // Who may not look at the process can be sent what it has.
  const sends = !readCaller().privileged
  const terminal = sends && process.terminal ? messageSockets() : undefined
  const listener = sends && config.linux?.seccomp && asks(config.linux.seccomp) ? messageSockets() : undefined
  const launched = inContainer(state, async ({ join }, pid) => {
    const root = `/proc/${pid}/root`
    const { subgroups = [] } = options
    const group = subgroups.length > 0 ? subgroup(groupOfState(state), subgroups) : joinableGroup(groupOfState(state), pid)
    const { program, launch: how, warnings } = ociJoining(config, process, readJoinFacts(process, pid), { namespaces: otherNamespaces(pid), group, systemd: state.unit !== undefined && state.rootless, preserveFds: options.preserveFds ?? 0, chroot: sharesMounts(config) ? root : undefined, sendsTerminal: terminal !== undefined, sendsListener: listener !== undefined, mayBeFrozen: ignorePaused, keyring: state.keyring, resctrl: state.resctrl })
    foundIn(root, pid, process)
    for (const warning of warnings) options.warn?.(warning)
    const { joins, ...rest } = how
    const launched = await launch(program, {
      ...rest, join: { pidfd: join.pidfd, namespaces: joins }, stdio: process.terminal ? 'ignore' : (options.stdio ?? 'inherit'), ...options.weave,
      pass: { ...preserved, ...(terminal ? { [terminalSocket]: terminal[1] } : {}), ...(listener ? { [listenerSocket]: listener[1] } : {}) },
      checkpoints: {
        [unitCheckpoint]: (waiting) => attachToUnit(state, group, waiting.pid),
        [resumedCheckpoint]: () => {},
        [listenerCheckpoint]: (waiting) => handListenerOver(waiting, config, reportedState(state, status), listener?.[0]),
        [terminalCheckpoint]: (waiting) => handTerminalOver(waiting, process, options, terminal?.[0]),
      },
    })
    if (options.pidFile !== undefined) writePidFile(options.pidFile, launched.pid)
    return launched
  })
  return launched.finally(() => { for (const fd of [...(terminal ?? []), ...(listener ?? [])]) closeSync(fd) })
}

/** @throws OciError the working directory is not there, the command cannot be executed, or the container has ended while it was looked for */
function foundIn(root: string, pid: number, process: OciProcess): void {
  try {
    findWorkingDirectory(root, process)
    findExecutable(root, process)
  } catch (error) {
    throw hasRoot(pid) ? error : new OciError('cannot exec in a stopped container', { cause: error })
  }
}

/** A process that joins a frozen group is frozen with it, and we would wait for it. */
function running(store: OciStore, id: string, ignorePaused: boolean): { readonly state: OciState; readonly status: OciStatus } {
  const state = store.find(id)
  const status = statusOf(store, state)
  if (status === 'stopped' || status === 'creating') throw new OciError('cannot exec in a stopped container')
  if (status === 'paused' && !ignorePaused) throw new OciError('cannot exec in a paused container (use --ignore-paused to override)')
  return { state, status }
}
