import { closeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { cgroups, deleteGroup, group, kill } from '@ctr/cgroup'
import { cgroupPath } from './container-group.ts'
import { lock } from './name-lock.ts'
import { alive, directoryOf, names, readState, release, removeDrafts, removeRemains } from './store.ts'
import type { State } from './state.ts'

/** How long somebody else may take to remove what is behind a name. */
const patienceMillis = 3000

/** Whether nobody looks after a container any more: its owner and its process are gone, perhaps since before a reboot. */
export function isStale(state: State): boolean {
  return state.status !== 'exited' && !alive(state.owner) && !alive(state.process)
}

/** The state behind a name; undefined where there is none that could be read. */
export function readableState(name: string): State | undefined {
  try {
    return readState(name)
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'EISDIR') return undefined
    throw error
  }
}

/** Whether nothing of a container runs. If nobody holds its name either, nobody will clean up: not even an owner that is alive. */
export const ended = (state: State): boolean => state.status !== 'exited' && !alive(state.process)

/**
 * What a container left that nobody looks after is gone.
 *
 * @returns false when there was nothing stale under the name
 */
export function removeStale(name: string): Promise<boolean> {
  return removeIf(name, (state) => state === undefined || ended(state), (state) => !alive(state?.owner))
}

/**
 * Everything behind a name is gone, if that may be: processes, cgroup, state. Asked again once nobody else can change the answer.
 *
 * @param patient whether to wait for somebody else who holds the name
 * @returns false when it may not be, or when somebody else holds the name
 */
export async function removeIf(name: string, may: (state: State | undefined) => boolean, patient: (state: State | undefined) => boolean = () => true): Promise<boolean> {
  for (const end = performance.now() + patienceMillis; ; await delay(5)) {
    const before = readableState(name)
    if (!may(before)) return false
    const held = lock(directoryOf(name))
    if (held === 'gone') return true
    // Who lives holds the lock for as long as the container; who cleans up behind the dead, for some milliseconds.
    if (held === 'taken') {
      if (!patient(before) || performance.now() > end) return false
      continue
    }
    try {
      const state = readableState(name)
      if (!may(state)) return false
      // All hierarchies: which of them it used is not worth knowing.
      const left = group(cgroups(), state?.cgroup ?? cgroupPath(name))
      await kill(left)
      await deleteGroup(left)
      if (state) release(name)
      else removeRemains(name)
      return true
    } finally {
      closeSync(held)
    }
  }
}

/** Removes all that is stale, and returns the names of the containers that are not. What cannot be removed keeps its name too. */
export async function sweep(): Promise<string[]> {
  removeDrafts()
  const kept: string[] = []
  for (const name of names()) if (!(await removeStale(name).catch(() => false))) kept.push(name)
  return kept
}
