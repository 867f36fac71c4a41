import type { HookKind } from '../config/config-shape.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { reportedState, type OciStatus } from '../state/status.ts'
import { configOf } from './config-of.ts'
import { runHooks } from './hooks.ts'
import { inContainer } from './in-container.ts'

/** All hooks of a kind have run that the container was made with, where they belong. @throws OciError one failed */
export async function runKeptHooks(store: OciStore, state: OciState, kind: HookKind, status: OciStatus): Promise<void> {
  const config = configOf(store, state)
  if (!config.hooks?.[kind]?.length) return
  const reported = reportedState(state, status)
  if (kind === 'startContainer') await inContainer(state, (place) => runHooks(config, kind, reported, () => place))
  else await runHooks(config, kind, reported)
}
