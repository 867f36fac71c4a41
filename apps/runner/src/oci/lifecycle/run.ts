import type { Group } from '@ctr/cgroup'
import type { LaunchedProcess } from '@ctr/launch'
import type { OciState } from '../state/oci-state.ts'
import { create, type CreateOptions } from './create.ts'
import { poststart } from './poststart.ts'
import { removeOwn } from './remove-own.ts'

/**
 * The command of a new container runs.
 *
 * @returns the process, and what removes the container when it has ended
 */
export async function run(options: CreateOptions & { readonly warn: (message: string) => void }): Promise<{ readonly process: LaunchedProcess; readonly remove: () => Promise<void> }> {
  const { store, warn } = options
  let state: OciState | undefined
  let group: Group | undefined
  const process = await create({ ...options, waits: false, onCreated: (...created) => { [state, group] = created } })
  await poststart(store, state!, warn)
  return { process, remove: async () => removeOwn(store, state!, warn, group) }
}
