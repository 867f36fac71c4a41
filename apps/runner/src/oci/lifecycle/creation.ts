import type { Group } from '@ctr/cgroup'
import type { LaunchedProcess, LaunchOptions } from '@ctr/launch'
import { identityOf } from '@ctr/procfs'
import { terminalCheckpoint } from '../../program/terminal.ts'
import type { OciProcess } from '../config/process-shape.ts'
import { linksOf } from '../criu/links-of.ts'
import { createdCheckpoint, hooksCheckpoint, processOf, unitCheckpoint } from '../container.ts'
import { networkDevicesCheckpoint } from '../program/network-devices.ts'
import { listenerCheckpoint } from '../program/filter.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { reportedState } from '../state/status.ts'
import { findExecutable, hasRoot } from './find-executable.ts'
import { runHooks } from './hooks.ts'
import { otherNamespaces } from './in-container.ts'
import { handListenerOver } from './listener.ts'
import { NetworkDevices } from './network-devices.ts'
import { writePidFile } from './pid-file.ts'
import type { Prepared } from './prepare.ts'
import { handTerminalOver, type TerminalTaker } from './terminal.ts'

export interface CreationOptions extends TerminalTaker {
  readonly store: OciStore
  /** Gets the pid of the first process, before anything is answered. */
  readonly pidFile?: string | undefined
  /** The command starts at once, as with `run`: what belongs to `start` is done here. */
  readonly starts: boolean
  /** The first thing of all, where systemd makes the group: the process is to be in it. */
  readonly onUnit: (pid: number) => Promise<void>
  /** The last thing before the process is let go, when it has been written down. */
  readonly onCreated?: (state: OciState, group: Group) => void
}

/** What we do while the first process of a container waits on its way, and how far it has come. */
export class Creation {
  readonly checkpoints: NonNullable<LaunchOptions['checkpoints']>
  readonly #claimed: OciState
  #reached: OciState | undefined
  #devices: NetworkDevices | undefined

  /** @param claimed what was written down before there was a process */
  constructor({ config, container: { group } }: Prepared, claimed: OciState, options: CreationOptions) {
    const process = processOf(config)
    this.#claimed = claimed
    this.checkpoints = {
      [unitCheckpoint]: ({ pid }) => options.onUnit(pid),
      [networkDevicesCheckpoint]: ({ pid }) => { this.#devices = NetworkDevices.moveTo(config, pid) },
      [hooksCheckpoint]: async (waiting) => {
        const reached = this.#reach(waiting)
        const reported = reportedState(reached, 'creating')
        // By the letter they belong to start, when the container is created; as everywhere they run here, and are told so (OCI runtime-spec config.md, Prestart).
        await runHooks(config, 'prestart', reportedState(reached, 'created'))
        await runHooks(config, 'createRuntime', reported)
        await runHooks(config, 'createContainer', reported, () => ({ join: { pidfd: waiting.pidfd, namespaces: otherNamespaces(waiting.pid) } }))
      },
      [terminalCheckpoint]: (waiting) => handTerminalOver(waiting, process, options),
      [listenerCheckpoint]: (waiting) => handListenerOver(waiting, config, reportedState(this.#reached!, 'creating')),
      [createdCheckpoint]: async (waiting) => {
        if (!hasExecutable(waiting, process)) return
        const { pid, pidfd } = waiting
        this.#reached = { ...this.#reached!, stdio: linksOf(pid) }
        options.store.write(this.#reached)
        if (options.pidFile !== undefined) writePidFile(options.pidFile, pid)
        if (options.starts) await runHooks(config, 'startContainer', reportedState(this.#reached!, 'created'), () => ({ join: { pidfd, namespaces: otherNamespaces(pid) } }))
        options.onCreated?.(this.#reached!, group)
        if (!options.starts) this.settle()
      },
    }
  }

  /** The state with the process in it, once hooks were told of it: they may have made something. */
  get reached(): OciState | undefined {
    return this.#reached
  }

  /** It is done: what was moved to the container is the container's from here on. */
  settle(): void {
    this.#devices?.close()
    this.#devices = undefined
  }

  /** It has failed. @returns what cannot be put back, a line each */
  abandon(): string[] {
    const left = this.#devices?.fetchBack() ?? []
    this.settle()
    return left
  }

  #reach({ pid }: LaunchedProcess): OciState {
    return (this.#reached = { ...this.#claimed, process: identityOf(pid) })
  }
}

/** @returns false where it has died while it waited: launch has the words for that @throws OciError */
function hasExecutable({ pid }: LaunchedProcess, process: OciProcess): boolean {
  try {
    findExecutable(`/proc/${pid}/root`, process)
  } catch (error) {
    if (!hasRoot(pid)) return false
    throw error
  }
  return true
}
