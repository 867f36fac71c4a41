import { columns } from './columns.ts'
import { integer } from './integer.ts'
import { allRecords, type BeginRecords, everyLine, underHeading } from './records.ts'

/** A controller of control groups that the kernel has. */
export interface CgroupController {
  readonly name: string
  /** The v1 hierarchy that it is mounted in; 0 when it is on v2 or unused. */
  readonly hierarchy: number
  readonly groups: number
  /** false when it was disabled on the kernel's command line. */
  readonly enabled: boolean
}

const controllerRecords: BeginRecords<CgroupController> = underHeading('#subsys_name', everyLine((place) => {
  const [name, hierarchy, groups, enabled] = columns(place, 4, 'name, hierarchy, groups and enabled')
  return { name: name!, hierarchy: integer(hierarchy, place), groups: integer(groups, place), enabled: enabled === '1' }
}))

/**
 * The controllers of a /proc/cgroups text. Of v2 it does not say enough: cgroup.controllers does, and since Linux 6.14
 * controllers without a v1 part are left out here.
 *
 * @throws {ProcParseError} naming the line
 * @see cgroups(7) /proc/cgroups
 * @example
 * parseCgroups(readFileSync('/proc/cgroups', 'utf8')).find(({ name }) => name === 'memory')?.enabled
 */
export function parseCgroups(text: string, file = 'cgroups'): CgroupController[] {
  return allRecords(controllerRecords, text, file)
}
