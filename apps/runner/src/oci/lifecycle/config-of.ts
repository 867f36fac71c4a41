import type { OciConfig } from '../config/config-shape.ts'
import { parseConfig } from '../config/read-config.ts'
import { readJson } from '../json/read-json.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'

/** What the container was made from: the copy that was kept, whatever has become of the bundle. */
export function configOf(store: OciStore, { id }: OciState): OciConfig {
  try {
    return parseConfig(readJson(store.path(id, 'config')))
  } catch (error) {
    // Where it is gone, the container may be, since its state was read.
    store.find(id)
    throw error
  }
}
