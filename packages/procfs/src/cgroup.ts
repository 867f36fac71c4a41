import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * The cgroup of a process in one hierarchy.
 *
 * @see cgroups(7) /proc/pid/cgroup
 */
export interface CgroupMembership {
  /** 0 is cgroup v2; v1 hierarchies are numbered from 1. */
  readonly hierarchy: number
  /** v1 controllers of the hierarchy (co-mounted ones together); none for v2 and for a named hierarchy. */
  readonly controllers: readonly string[]
  /** The name of a v1 hierarchy mounted with `name=`: `systemd`. */
  readonly name?: string
  /**
   * Relative to the root of the reader's cgroup namespace, so it may begin with `/..`; of a removed v2 group it ends in
   * ` (deleted)`, and so may the name of one that is not removed.
   */
  readonly path: string
}

/**
 * The memberships of a /proc/PID/cgroup text, in the file's order.
 *
 * @throws {ProcParseError} when a line is not `hierarchy:controllers:path`
 * @see cgroups(7) /proc/pid/cgroup
 * @example
 * parseCgroup('0::/user.slice\n') // [{ hierarchy: 0, controllers: [], path: '/user.slice' }]
 */
export function parseCgroup(text: string, file = 'cgroup'): CgroupMembership[] {
  return lines(text, file).map((place) => {
    // A path may hold colons: only the first two separate.
    const first = place.text.indexOf(':')
    const second = place.text.indexOf(':', first + 1)
    const path = place.text.slice(second + 1)
    if (first === -1 || second === -1 || !path.startsWith('/')) throw new ProcParseError(place, 'hierarchy:controllers:/path')
    const hierarchy = integer(place.text.slice(0, first), place)
    const list = place.text.slice(first + 1, second)
    const entries = list === '' ? [] : list.split(',')
    const named = entries.find((entry) => entry.startsWith('name='))
    const controllers = entries.filter((entry) => entry !== named)
    return named === undefined ? { hierarchy, controllers, path } : { hierarchy, controllers, name: named.slice('name='.length), path }
  })
}
