import { setTimeout as delay } from 'node:timers/promises'
import { find, groupOf } from '../../containers.ts'
import { storeDirectory } from '../../store.ts'
import type { RunningContainer } from '../../running-container.ts'
import { deathOf } from '../death.ts'
import type { Narrator } from './narrator.ts'
import { exists, mountsOf } from './observe.ts'

/** PID 1 is killed from outside, by its number here; then everything of the container is looked for. */
export async function killFromOutside(container: RunningContainer, pids: readonly number[], mountsBefore: readonly string[], narrator: Narrator): Promise<void> {
  const places = groupOf(find(container.name).state).places.map(({ directory }) => directory)
  const state = `${storeDirectory()}/${container.name}`
  const { green, red } = narrator.colours
  const gone = (left: readonly unknown[]) => (left.length === 0 ? green('gone') : red(`left: ${left.join(' ')}`))
  process.kill(container.pid, 'SIGKILL')
  const outcome = await container.exited
  // The last of its children may be on their way out; each of them was killed by the kernel, with its PID 1.
  for (let i = 0; i < 50 && pids.some((pid) => exists(`/proc/${pid}`)); i++) await delay(10)
  await narrator.show(`kill -9 ${container.pid}`, deathOf(outcome) ?? `exit ${outcome.exitCode}`)
  await narrator.line(`${pids.length} processes   ${gone(pids.filter((pid) => exists(`/proc/${pid}`)))}  ${pids.join(' ')}`)
  await narrator.line(`its cgroups    ${gone(places.filter(exists))}  ${places[0]}${places.length > 1 ? ` and ${places.length - 1} more` : ''}`)
  await narrator.line(`its state      ${gone([state].filter(exists))}  ${state}`)
  const after = mountsOf('self')
  await narrator.line(`our mounts     ${after.length === mountsBefore.length ? green('as they were') : red('changed')}  ${after.length}`)
}
