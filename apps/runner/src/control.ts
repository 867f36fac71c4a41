import { setTimeout as delay } from 'node:timers/promises'
import { freeze, kill as killGroup, procs, stat, thaw, type Stat } from '@ctr/cgroup'
import { readable, signalPidfd } from '@ctr/launch'
import { procfs, ProcessVanishedError } from '@ctr/procfs'
import type { Constant } from '@ctr/syscall'
import { groupOf, type ContainerRecord } from './containers.ts'
import { NotRunningError, withProcess } from './held-process.ts'
import type { Outcome } from './state.ts'
import { ended, removeIf } from './stale.ts'
import { noteSignal } from './signal-note.ts'
import { alive, readState } from './store.ts'
import { stopProcess } from './stop.ts'
import { howToStop } from './how-to-stop.ts'

/** How long the process that looks after a container may take to write down how it ended. */
const patienceMillis = 5000

/** A signal was sent to PID 1 of the container. @throws NotRunningError */
export function kill({ state }: ContainerRecord, signal: Constant<'signal'> = 'SIGKILL'): Promise<void> {
  return withProcess(state, (pidfd) => {
    noteSignal(state.name, { kind: 'kill', signal, byPid: process.pid })
    if (!signalPidfd(pidfd, signal)) throw new NotRunningError(state.name)
  })
}

/**
 * The container has ended: asked to by its stop signal, killed if that took too long. Ended already is fine.
 *
 * @returns whether it had to be killed
 */
export async function stop(record: ContainerRecord, { signal, timeoutSeconds }: { readonly signal?: Constant<'signal'>; readonly timeoutSeconds?: number } = {}): Promise<boolean> {
  const { state } = record
  const how = howToStop(state.config, { signal, timeoutSeconds })
  try {
    const killed = await withProcess(state, async (pidfd) => {
      noteSignal(state.name, { kind: 'stop', signal: how.signal, byPid: process.pid })
      // A frozen process gets its signals when it is thawed.
      if (record.status === 'paused') await thaw(groupOf(state))
      return stopProcess({ pidfd, ...how })
    })
    await written(record)
    return killed
  } catch (error) {
    if (error instanceof NotRunningError) return false
    throw error
  }
}

/** Nothing in the container runs until `unpause`. @throws NotRunningError */
export function pause({ state }: ContainerRecord): Promise<void> {
  if (!alive(state.process)) throw new NotRunningError(state.name)
  return freeze(groupOf(state))
}

/** @throws NotRunningError */
export function unpause({ state }: ContainerRecord): Promise<void> {
  if (!alive(state.process)) throw new NotRunningError(state.name)
  return thaw(groupOf(state))
}

/** How the container ended, once it has. Undefined where nothing of it was kept. */
export async function wait(record: ContainerRecord): Promise<Outcome | undefined> {
  if (record.state.outcome) return record.state.outcome
  try {
    await withProcess(record.state, (pidfd) => readable(pidfd))
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error
  }
  return (await written(record))?.outcome
}

/** Its owner has written down how it ended, or has removed it. */
async function written({ state }: ContainerRecord): Promise<ContainerRecord['state'] | undefined> {
  for (const deadline = Date.now() + patienceMillis; ; await delay(5)) {
    const now = readState(state.name)
    if (!now || now.id !== state.id || now.status === 'exited') return now?.id === state.id ? now : undefined
    if (!alive(state.owner) || Date.now() > deadline) return undefined
  }
}

/** The container is still running. */
export class StillRunningError extends Error {
  readonly code = 'ERUNNING'
  readonly containerName: string
  constructor(name: string) {
    super(`The container ${JSON.stringify(name)} is running: stop it first, or remove it by force`)
    this.name = 'StillRunningError'
    this.containerName = name
  }
}

/** Nothing of the container is left. @throws StillRunningError without `force` */
export async function remove(record: ContainerRecord, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
  const { state, status } = record
  if (status !== 'exited') {
    if (!force) throw new StillRunningError(state.name)
    await killGroup(groupOf(state))
    await written(record)
  }
  await removeIf(state.name, (now) => now?.id === state.id && (now.status === 'exited' || ended(now)))
}

/** What the container uses now. */
export function stats({ state }: ContainerRecord): Stat {
  return stat(groupOf(state))
}

/** One process of a container: one process, two numbers. */
export interface ContainerProcess {
  readonly pid: number
  /** In the container's own PID namespace; undefined where it is in another (`--pid host`). */
  readonly pidInside: number | undefined
  readonly ppid: number
  readonly user: number
  readonly command: readonly string[]
  readonly startedTicks: number
  readonly cpuTicks: number
}

/** The processes in the container's cgroup, with the PID that each has outside and inside. */
export function top({ state }: ContainerRecord): ContainerProcess[] {
  const proc = procfs()
  return procs(groupOf(state)).flatMap((pid) => {
    try {
      const process = proc.pid(pid)
      const [stat, status] = [process.stat(), process.status()]
      const inside = status.nspid && status.nspid.length > 1 ? status.nspid.at(-1) : undefined
      return [{ pid, pidInside: inside, ppid: stat.ppid, user: status.uid.real, command: process.cmdline(), startedTicks: stat.starttimeTicks, cpuTicks: stat.utimeTicks + stat.stimeTicks }]
    } catch (error) {
      if (error instanceof ProcessVanishedError) return []
      throw error
    }
  })
}
