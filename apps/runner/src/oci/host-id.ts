import type { OciIdMap } from './config/linux-shape.ts'

/** What an ID inside is on the host: the same without a map; undefined where the map does not have it. */
export function hostId(id: number, map: OciIdMap | undefined): number | undefined {
  if (!map) return id
  const range = map.find(({ containerID, size }) => id >= containerID && id < containerID + size)
  return range && range.hostID + id - range.containerID
}
