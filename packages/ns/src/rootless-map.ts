import type { SubIds } from './subid.ts'
import type { IdMapRange } from './uid_map.ts'

/**
 * The map that rootless containers use: 0 inside is the caller, and what follows is the caller's subordinate IDs, as far as they go.
 *
 * @param id the caller's own user or group ID
 * @param ranges the caller's subordinate IDs, see `subIdsOf`
 * @param atLeast how many IDs an image needs: 65536 for one that any distribution made
 * @returns a map for newuidmap(1) or newgidmap(1)
 * @throws RangeError there are fewer
 * @example
 * rootlessMap(1000, [{ owner: 'alice', first: 100000, count: 65536 }])
 * // [{ inside: 0, outside: 1000, length: 1 }, { inside: 1, outside: 100000, length: 65536 }]
 */
export function rootlessMap(id: number, ranges: readonly SubIds[], { atLeast = 1 }: { readonly atLeast?: number } = {}): IdMapRange[] {
  const map: IdMapRange[] = [{ inside: 0, outside: id, length: 1 }]
  let inside = 1
  for (const { first, count } of ranges) {
    if (count === 0) continue
    map.push({ inside, outside: first, length: count })
    inside += count
  }
  if (inside < atLeast) throw new RangeError(`Cannot map ${atLeast} IDs: the caller has ${inside}, with its own and its subordinate ones`)
  return map
}
