import type { ContainerRecord } from '../containers.ts'
import { age } from './age.ts'

/** What is true of a container now: `up 3 minutes`, `exited (137) 2 hours ago, out of memory`. */
export function statusText({ state, status }: ContainerRecord, now: number): string {
  const since = (time: string | undefined) => (time === undefined ? '?' : age(now - Date.parse(time)))
  if (status === 'creating') return `being made for ${since(state.created)}`
  if (status === 'running') return `up ${since(state.started)}`
  if (status === 'paused') return `up ${since(state.started)}, paused`
  const { outcome, finished } = state
  return `exited${outcome === undefined ? '' : ` (${outcome.exitCode})`}${finished === undefined ? '' : ` ${since(finished)} ago`}${outcome?.reason?.kind === 'oom' ? ', out of memory' : ''}`
}
