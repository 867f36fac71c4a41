import { closeSync, openSync } from 'node:fs'
import { checkpoint, launch, type IdMaps } from '@ctr/launch'

const opened = 'opened'

/**
 * User namespaces with these maps are there, and nobody is in them: what mount_setattr takes the IDs of a mount from. A process is needed to
 * make each, and has ended.
 *
 * @returns descriptors by the names of the maps, for the caller to close
 * @throws the kernel refuses a map (user_namespaces(7))
 */
export async function openIdMaps(wanted: Readonly<Record<string, IdMaps>>): Promise<Record<string, number>> {
  const fds: Record<string, number> = {}
  try {
    for (const [name, idMaps] of Object.entries(wanted)) {
      const holder = await launch(checkpoint(opened), {
        name: 'ctr-oci-ids', namespaces: ['CLONE_NEWUSER'], idMaps, stdio: 'ignore', checkpoints: { [opened]: ({ pid }) => { fds[name] = openSync(`/proc/${pid}/ns/user`, 'r') } },
      })
      await holder.closed
    }
    return fds
  } catch (error) {
    for (const fd of Object.values(fds)) closeSync(fd)
    throw error
  }
}
