import type { IdMap, IdMaps } from '@ctr/launch'
import type { OciIdMap } from '../config/linux-shape.ts'

/** Maps of a configuration, as launch writes them. */
export const idMapsOf = (uid: OciIdMap, gid: OciIdMap): IdMaps => ({ uid: idMap(uid), gid: idMap(gid) })

const idMap = (maps: OciIdMap): IdMap => maps.map(({ containerID, hostID, size }) => [containerID, hostID, size])
