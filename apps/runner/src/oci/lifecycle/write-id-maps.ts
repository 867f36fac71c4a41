import type { IdMap, IdMaps, LaunchOptions } from '@ctr/launch'
import { mayWriteIdMaps, setIdMaps } from '@ctr/ns'
import type { Caller } from '../caller.ts'

/** How the maps of a container are written: by launch where we are privileged, and otherwise for our own IDs, or by newuidmap(1) and newgidmap(1). */
export function writerOf(maps: IdMaps | undefined, { privileged, uid, gid }: Caller): Pick<LaunchOptions, 'idMaps'> {
  if (!maps) return {}
  if (privileged) return { idMaps: maps }
  const ours = { uid: ranges(maps.uid), gid: ranges(maps.gid), setgroups: 'deny' as const }
  const may = mayWriteIdMaps(ours, { uid, gid, privileged })
  return { idMaps: ({ pid }) => setIdMaps(pid, may ? ours : { uid: ours.uid, gid: ours.gid }) }
}

const ranges = (map: IdMap) => map.map(([inside, outside, length]) => ({ inside, outside, length }))
