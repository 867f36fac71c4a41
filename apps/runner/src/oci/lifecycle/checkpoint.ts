import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { parseMountinfo } from '@ctr/procfs'
import { callersOwn, externalFiles, writeDescriptors } from '../criu/descriptors.ts'
import { externalInDump } from '../criu/external-mounts.ts'
import { checkRestorable, externalNamespaces } from '../criu/external-namespaces.ts'
import { findCriu } from '../criu/find-criu.ts'
import { placeInRoot } from '../criu/place-in-root.ts'
import { writeRestrictions } from '../criu/restrictions.ts'
import { askCriu } from '../criu/swrk.ts'
import { OciError } from '../oci-error.ts'
import type { OciStore } from '../state/oci-store.ts'
import { groupOfState, statusOf } from '../state/status.ts'
import { configOf } from './config-of.ts'
import { checkRoot, configFile, directoriesOf, emptyNetwork, type CriuWishes } from './criu-options.ts'
import { removeContainer } from './remove.ts'

export interface CheckpointOptions extends CriuWishes {
  readonly store: OciStore
  readonly id: string
  readonly leaveRunning: boolean
  /** Only the memory is written down, and the container goes on: a later checkpoint has the rest, and what has changed. */
  readonly preDump: boolean
  /** Images of a pre-dump, relative to `images`. */
  readonly parent?: string | undefined
  /** Where pages of memory go instead of into the images. */
  readonly pageServer?: { readonly address: string; readonly port: number } | undefined
  readonly warn: (message: string) => void
}

/**
 * What the processes of a container are and have is in files. As with runc, the container is gone then, unless it is to go on.
 *
 * @throws OciError it does not run, or CRIU is not here, or could not do it: then the container goes on
 */
export async function checkpoint(options: CheckpointOptions): Promise<void> {
  const { store, id, preDump, leaveRunning, parent } = options
  checkRoot()
  const state = store.find(id)
  const status = statusOf(store, state)
  if (status !== 'running' && status !== 'paused') throw new OciError(`Container cannot be checkpointed in ${status} state`)
  const criu = findCriu(options.criu)
  const config = configOf(store, state)
  checkRestorable(config)
  const { pid } = state.process!
  const directories = directoriesOf(options, { make: true })
  if (parent !== undefined) checkParent(directories.images, parent)
  const mounts = parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
  const names = preDump ? [] : callersOwn(pid, state.stdio ?? [], mounts)
  if (!preDump) {
    writeDescriptors(directories.images, names)
    writeRestrictions(directories.images, mounts)
  }
  await askCriu({
    type: preDump ? 'PRE_DUMP' : 'DUMP', criu, ...directories,
    options: () => ({
      pid, leave_running: leaveRunning, ...options.passed, orphan_pts_master: true, manage_cgroups_mode: options.groups, empty_ns: emptyNetwork, ...configFile(config.annotations), ...freezer(groupOfState(state)),
      ...(parent === undefined ? {} : { parent_img: parent }), ...(parent === undefined && !preDump ? {} : { track_mem: true }), ...(options.pageServer ? { ps: options.pageServer } : {}),
      external: [
        ...externalNamespaces(config).map(({ kind, key }) => `${kind}[${statSync(`/proc/${pid}/ns/${kind}`).ino}]:${key}`),
        ...(preDump ? [] : [...externalInDump(config, mounts, (destination) => placeInRoot(`/proc/${pid}/root`, destination)), ...externalFiles(names)]),
      ],
    }),
  })
  if (!leaveRunning && !preDump) await removeContainer(store, state, options.warn)
}

/** Processes that fork meanwhile would escape CRIU, unless it freezes them all at once. */
function freezer({ places }: ReturnType<typeof groupOfState>): { readonly freeze_cgroup?: string } {
  const place = places.find(({ controllers }) => controllers.includes('freezer')) ?? places.find(({ version }) => version === 2)
  return place && existsSync(place.directory) ? { freeze_cgroup: place.directory } : {}
}

/** CRIU makes a link to it in the images, which may be moved with them. @throws OciError */
function checkParent(images: string, parent: string): void {
  if (isAbsolute(parent)) throw new OciError('--parent-path must be relative: it is looked up from the images')
  if (!statSync(join(images, parent), { throwIfNoEntry: false })?.isDirectory()) throw new OciError(`invalid --parent-path: there is no directory ${join(images, parent)}`)
}
