import { freeze, procs, thaw, type Group } from '@ctr/cgroup'
import { signalNumber } from '@ctr/procfs'
import { alive } from '../../store.ts'
import { OciError } from '../oci-error.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { groupOfState, statusOf } from '../state/status.ts'

/** A signal by number or by name, with or without SIG. @throws OciError there is none of that name */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : undefined
  // The highest real-time signal of Linux is 64 (signal(7)); 0 only asks whether there is somebody to get one (kill(2)).
  if (number !== undefined && number <= 64) return number
  const named = number === undefined ? signalNumber(`SIG${text.toUpperCase().replace(/^SIG/, '')}`) : undefined
  if (named !== undefined) return named
  throw new OciError(`unknown signal ${JSON.stringify(text)}`)
}

/**
 * The container's first process has been sent a signal; with `all`, every process of its group.
 *
 * By pid, just after it was seen to be the very process: loading what a pidfd needs would take longer than all the rest, and pids go
 * round, so that one does not come back within microseconds.
 *
 * @throws OciError it is not running; not with `all`, which engines send when the first process is gone
 */
export async function kill(store: OciStore, id: string, signal: number, { all = false }: { readonly all?: boolean } = {}): Promise<void> {
  const state = store.find(id)
  const status = statusOf(store, state)
  if (all) return killAll(state, signal)
  if (status === 'stopped' || status === 'creating') throw new OciError('container not running')
  if (!alive(state.process) || !send(state.process!.pid, signal)) throw new OciError('container not running')
  // On cgroup version 1 a frozen process dies when it is thawed.
  if (signal === signalNumber('SIGKILL') && status === 'paused') await thaw(groupOfState(state))
}

/** Frozen meanwhile: what forks between the look and the signal would escape. */
async function killAll(state: OciState, signal: number): Promise<void> {
  const group = groupOfState(state)
  const members = await membersIn(group, state)
  if (members().length === 0) return
  await freeze(group).catch(() => {})
  for (const pid of members()) send(pid, signal)
  if (group.places.length > 0) await thaw(group)
}

/** What lists its processes: only where it has no group, all of the machine have to be looked at. */
async function membersIn(group: Group, state: OciState): Promise<() => number[]> {
  if (group.places.length > 0) return () => procs(group, { recursive: true })
  const { membersOf } = await import('../rest.ts')
  return () => membersOf(state)
}

/** @returns false when there is no such process */
function send(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
