import type { Group } from '@ctr/cgroup'
import { sameIdentity } from '@ctr/procfs'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { removeContainer } from './remove.ts'

/**
 * A container is removed by who has waited for its end, unless somebody else has done so meanwhile, or is about to: the name may be another's by then.
 *
 * @param state of when it was created
 * @param group where that is known already
 */
export async function removeOwn(store: OciStore, { id, process }: OciState, warn: (message: string) => void, group?: Group): Promise<void> {
  const own = () => {
    const state = store.read(id)
    return state?.process && sameIdentity(state.process, process!) ? state : undefined
  }
  const state = own()
  if (!state) return
  try {
    await removeContainer(store, state, warn, group)
  } catch (error) {
    if (own()) throw error
  }
}
