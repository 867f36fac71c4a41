import { cgroups, type Group, type Layout } from '@ctr/cgroup'
import { containerGroup } from './container-group.ts'
import { paused } from './paused.ts'
import { alive, names, NoSuchContainerError, readState } from './store.ts'
import { isStale, readableState } from './stale.ts'
import type { State } from './state.ts'

/** A container that somebody started, seen from any process. */
export interface ContainerRecord {
  readonly state: State
  /** What is true now, not what was last written down. */
  readonly status: 'creating' | 'running' | 'paused' | 'exited'
}

let layout: Layout | undefined

/** Its group in the hierarchies that it uses. */
export function groupOf({ name, config }: State): Group {
  return containerGroup((layout ??= cgroups()), name, config.limits)
}

/** All containers, by name. Those that nobody looks after any more, and what is not a state, are left out: `sweep` removes them. */
export function list(): ContainerRecord[] {
  return names().flatMap((name) => {
    const state = readableState(name)
    return state && !isStale(state) ? [record(state)] : []
  })
}

/**
 * The container of this name, or whose id begins so.
 *
 * @throws NoSuchContainerError there is none, or the beginning of an id fits several
 */
export function find(nameOrId: string): ContainerRecord {
  const exact = readState(nameOrId)
  if (exact && !isStale(exact)) return record(exact)
  const fitting = /^[\da-f]+$/.test(nameOrId) ? list().filter(({ state }) => state.id.startsWith(nameOrId)) : []
  if (fitting.length !== 1) throw new NoSuchContainerError(nameOrId)
  return fitting[0]!
}

function record(state: State): ContainerRecord {
  if (state.status !== 'running') return { state, status: state.status }
  // Its owner is about to write the outcome down.
  if (!alive(state.process)) return { state, status: 'exited' }
  return { state, status: paused(groupOf(state)) ? 'paused' : 'running' }
}
