import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from '@ctr/procfs'
import { readJson } from '../json/read-json.ts'
import { OciError } from '../oci-error.ts'

/** Beside the images. Those of another runtime have none. */
const file = 'ctrun-mounts.json'

/** What a mount forbids: nobody would miss it who is not kept from something. */
const forbidding = ['ro', 'nosuid', 'nodev', 'noexec'] as const

/** For each place what is forbidden there, by the last mount of it: the one that is seen. */
export const restrictionsOf = (mounts: readonly Mount[]): Record<string, readonly string[]> => Object.fromEntries(mounts.map(({ mountPoint, options }) => [mountPoint, forbidding.filter((each) => options.includes(each))]))

export const writeRestrictions = (images: string, mounts: readonly Mount[]): void => writeFileSync(join(images, file), JSON.stringify(restrictionsOf(mounts)), { mode: 0o600 })

/**
 * What CRIU has mounted forbids what it forbade before.
 *
 * @throws OciError it does not, or is not there: the container would get at what it was kept from
 */
export function checkRestrictions(images: string, mounts: readonly Mount[]): void {
  const path = join(images, file)
  if (!existsSync(path)) return
  const now = restrictionsOf(mounts)
  for (const [place, before] of Object.entries(readJson(path) as Record<string, readonly string[]>)) {
    const lost = now[place] === undefined ? ['its mount'] : before.filter((each) => !now[place]!.includes(each))
    if (lost.length > 0) throw new OciError(`criu has restored ${place} without ${lost.join(', ')}: the container would get at what it was kept from`)
  }
}
