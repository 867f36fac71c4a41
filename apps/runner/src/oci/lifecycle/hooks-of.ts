import type { HookKind } from '../config/config-shape.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import type { OciStatus } from '../state/status.ts'

/** All hooks of a kind have run that a container has, with all that they need loaded for one that has some: most have none. @throws Error one failed */
export async function runHooksOf(store: OciStore, state: OciState, kind: HookKind, status: OciStatus): Promise<void> {
  if (state.hooks && !state.hooks.includes(kind)) return
  const { runKeptHooks } = await import('../making.ts')
  await runKeptHooks(store, state, kind, status)
}
