import { setTimeout as delay } from 'node:timers/promises'
import { deleteGroup, deleteNow, cgroups, exists, kill as killGroup, type Group } from '@ctr/cgroup'
import { alive, ownIdentity } from '../../store.ts'
import { OciError } from '../oci-error.ts'
import { groupIn, ociGroupPath } from '../oci-group.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { groupOfState, statusOf } from '../state/status.ts'
import { deadline } from './deadline.ts'
import { runHooksOf } from './hooks-of.ts'

/** How long the kernel may take to end a killed process. */
const patienceMillis = 10_000

/**
 * Nothing of the container is left.
 *
 * @param options.force kills what runs; and what cannot be read, or is not there, is no error
 * @throws OciError it runs, or there is none of this id
 */
export async function remove(store: OciStore, id: string, { force = false, warn }: { readonly force?: boolean; readonly warn: (message: string) => void }): Promise<void> {
  store.removeDrafts(ownIdentity().bootId)
  const state = force ? readable(store, id) : store.find(id)
  if (!state) return removeUnreadable(store, id)
  const status = statusOf(store, state)
  // Created and no more: nobody's command is lost.
  if (!force && status !== 'stopped' && status !== 'created') throw new OciError(`cannot delete container ${id} that is not stopped: ${status}`)
  await removeContainer(store, state, warn)
}

/** @param left its group, where that is known already */
export async function removeContainer(store: OciStore, state: OciState, warn: (message: string) => void, left: Group = groupOfState(state)): Promise<void> {
  await end(state)
  if (state.unit !== undefined || !isGone(left)) {
    await killGroup(left)
    if (state.unit !== undefined) {
      const { stopUnit } = await import('../making.ts')
      // Systemd forgets a unit by itself when its group is empty: no reason to keep the container.
      await stopUnit(state).catch((error: Error) => warn(error.message))
    }
    await deleteGroup(left)
  }
  if (state.resctrl) (await import('../rest.ts')).removeResctrl(state.resctrl)
  await poststop(store, state, warn)
  store.remove(state.id)
}

/** Whether nobody was in the group any more, as in most: that rmdir(2) succeeds says so, without a look at the files of each hierarchy. Why it does not, the next steps find. */
function isGone(group: Group): boolean {
  try {
    return deleteNow(group).length === 0
  } catch {
    return false
  }
}

/** Its first process takes everything in its PID namespace with it; where it shares one, killing the group does. */
async function end({ process: first, creator }: OciState): Promise<void> {
  // Who is making it would go on.
  for (const identity of first ? [first] : [creator]) {
    if (!alive(identity) || identity.pid === process.pid) continue
    try {
      process.kill(identity.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    for (const late = deadline(patienceMillis); alive(identity); await delay(2)) {
      if (late()) throw new OciError(`process ${identity.pid} has not ended ${patienceMillis / 1000} s after SIGKILL: a later delete will find it gone`)
    }
  }
}

async function poststop(store: OciStore, state: OciState, warn: (message: string) => void): Promise<void> {
  try {
    await runHooksOf(store, state, 'poststop', 'stopped')
  } catch (error) {
    // It is to go all the same (OCI runtime-spec runtime.md, Lifecycle, step 13).
    warn((error as Error).message)
  }
}

/** The state, where there is one that can be read. */
function readable(store: OciStore, id: string): OciState | undefined {
  try {
    return store.read(id)
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'EISDIR') return undefined
    throw error
  }
}

/** What is known from the id alone. */
async function removeUnreadable(store: OciStore, id: string): Promise<void> {
  const left = groupIn(cgroups(), ociGroupPath(undefined, id), 'all')
  // Engines delete what they have deleted, to be sure.
  if (exists(left)) {
    await killGroup(left)
    await deleteGroup(left)
  }
  store.remove(id)
}
