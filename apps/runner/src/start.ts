import { closeSync } from 'node:fs'
import { create, deleteGroup, kill as killGroup, type Group } from '@ctr/cgroup'
import { initElf } from '@ctr/init'
import { launch, sealedExecutable, type LaunchedProcess, type LaunchOptions, type Stdio } from '@ctr/launch'
import { procfs, ProcessVanishedError } from '@ctr/procfs'
import type { Program } from '@ctr/syscall'
import { checkConfig, type ContainerConfig } from './config.ts'
import { container, type Container } from './container.ts'
import { cgroupPath } from './container-group.ts'
import { outcomeOf } from './outcome.ts'
import { terminalCheckpoint } from './program/terminal.ts'
import { readFacts } from './read-facts.ts'
import { RunningContainer } from './running-container.ts'
import type { Outcome, State } from './state.ts'
import { claim, NameInUseError, newId, ownIdentity, release, rootMountPoint, writeState } from './store.ts'
import { removeStale } from './stale.ts'
import { takeMaster, type TerminalSize } from './terminal.ts'

export interface StartOptions extends Pick<LaunchOptions, 'trace' | 'step' | 'fault' | 'signal'> {
  /** 0, 1 and 2. Default: nothing to read, and pipes to us. Without meaning for a container with a terminal. */
  readonly stdio?: Stdio | readonly [Stdio, Stdio, Stdio]
  /** Size of the container's terminal at the start. Default 80 by 24. */
  readonly size?: TerminalSize
  /** Calls for the process that is left if we die: what we ourselves would have put back. */
  readonly orphan?: Program
}

let lastIdentity: ReturnType<typeof ownIdentity> | undefined
const identity = () => (lastIdentity ??= ownIdentity())

/**
 * The container runs: its command has been executed. It ends with us, whatever happens to us.
 *
 * @returns a handle; `await using` it, or await its `exited`
 * @throws TypeError, RangeError the configuration is wrong; nothing has happened
 * @throws NameInUseError
 * @throws SyscallError the kernel refused a call of the program; nothing is left
 * @throws CgroupError the kernel refused the cgroup or a limit; nothing is left
 */
export async function start(config: ContainerConfig, options: StartOptions = {}): Promise<RunningContainer> {
  checkConfig(config)
  options.signal?.throwIfAborted()
  const id = newId()
  const named = { ...config, name: config.name ?? `c${id.slice(0, 11)}` }
  const intent: State = { v: 1, id, name: named.name, status: 'creating', config: named, created: new Date().toISOString(), owner: identity(), cgroup: cgroupPath(named.name) }
  const held = await claimName(intent)
  let made: Group | undefined
  try {
    const planned = container(named, readFacts(named, rootMountPoint(named.name)))
    create(planned.group, { limits: named.limits ?? {} })
    made = planned.group
    return await startClaimed(planned, intent, held, options)
  } catch (error) {
    try {
      if (made) await remove(made)
      release(named.name)
    } finally {
      closeSync(held)
    }
    throw error
  }
}

/** A name that only the remains of a dead container have is free. */
async function claimName(intent: State): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return claim(intent)
    } catch (error) {
      // Others may want the name too, and be faster.
      if (!(error instanceof NameInUseError) || attempt === 3 || !(await removeStale(intent.name))) throw error
    }
  }
}

async function startClaimed(planned: Container, intent: State, held: number, options: StartOptions): Promise<RunningContainer> {
  const { config } = intent
  const { tty = false, init = false } = config
  const initImage = init ? sealedExecutable(initElf()) : undefined
  let master: number | undefined
  let process: LaunchedProcess | undefined
  try {
    process = await launch(planned.program, {
      ...pick(options), ...planned.launch,
      pass: { name: held, ...(initImage === undefined ? {} : { init: initImage }) },
      stdio: tty ? 'ignore' : (options.stdio ?? ['ignore', 'pipe', 'pipe']),
      orphan: [...(options.orphan ?? []), ...planned.launch.orphan],
      checkpoints: { [terminalCheckpoint]: (waiting) => { master = takeMaster(waiting, options.size ?? { columns: 80, rows: 24 }) } },
    })
    const state: State = { ...intent, status: 'running', started: new Date().toISOString(), ...identityOf(process) }
    // One that has ended already is seen by nobody: how it ended is written down next.
    if (state.process) writeState(state)
    return new RunningContainer({ state, process, master, planned, outcome: finish(process, planned.group, state, held) })
  } catch (error) {
    // It runs, and could not be written down.
    await process?.[Symbol.asyncDispose]()
    if (master !== undefined) closeSync(master)
    throw error
  } finally {
    if (initImage !== undefined) closeSync(initImage)
  }
}

const pick = ({ trace, step, fault, signal }: StartOptions) => ({
  ...(trace === undefined ? {} : { trace }), ...(step === undefined ? {} : { step }), ...(fault === undefined ? {} : { fault }), ...(signal === undefined ? {} : { signal }),
})

/** Nothing where it has ended and been waited for already. The pid cannot be another's by then: PIDs go round, and do not come back at once. */
function identityOf({ pid }: LaunchedProcess): Pick<State, 'process'> {
  try {
    return { process: procfs().pid(pid).identity() }
  } catch (error) {
    if (error instanceof ProcessVanishedError) return {}
    throw error
  }
}

async function finish(process: LaunchedProcess, group: Group, state: State, held: number): Promise<Outcome> {
  const exit = await process.exited
  try {
    const outcome = outcomeOf(exit, group, state.name)
    // PID 1 took everything in its PID namespace with it; without one of its own, its children live on.
    if (state.config.pid === 'host') await killGroup(group)
    await remove(group)
    if (state.config.remove ?? true) release(state.name)
    else writeState({ ...state, status: 'exited', finished: new Date().toISOString(), outcome })
    return outcome
  } finally {
    // It holds the name as we do. Usually it has ended while we were busy.
    await process.closed
    closeSync(held)
  }
}

const remove = (group: Group): Promise<void> => deleteGroup(group)
