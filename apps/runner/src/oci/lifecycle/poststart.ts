import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { runHooksOf } from './hooks-of.ts'

/**
 * The hooks have run that come behind the start of the command. Where one fails, nothing is left of the container (OCI runtime-spec runtime.md,
 * Lifecycle, step 9).
 *
 * @throws Error the hook that failed
 */
export async function poststart(store: OciStore, state: OciState, warn: (message: string) => void): Promise<void> {
  try {
    await runHooksOf(store, state, 'poststart', 'running')
  } catch (error) {
    const { removeContainer } = await import('./remove.ts')
    await removeContainer(store, state, warn)
    throw error
  }
}
