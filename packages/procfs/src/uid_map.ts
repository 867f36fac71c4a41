import { integers } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * One range of an ID map.
 *
 * @see user_namespaces(7) User and group ID mappings: uid_map and gid_map
 */
export interface IdMapRange {
  /** First ID inside the user namespace. */
  readonly inside: number
  /** First ID outside: in the reader's user namespace or, if the reader is in this very one, in its parent. */
  readonly outside: number
  readonly length: number
}

/**
 * The ranges of a uid_map, gid_map or projid_map text; none before the map is written.
 *
 * @throws {ProcParseError} naming the line
 * @see user_namespaces(7)
 * @example
 * parseIdMap('         0          0 4294967295\n') // [{ inside: 0, outside: 0, length: 4294967295 }]
 */
export function parseIdMap(text: string, file = 'uid_map'): IdMapRange[] {
  return lines(text, file).map((place) => {
    const [inside, outside, length, ...more] = integers(place.text, place)
    if (inside === undefined || outside === undefined || length === undefined || more.length > 0) {
      throw new ProcParseError(place, 'three integers')
    }
    return { inside, outside, length }
  })
}
