import { posix } from 'node:path'
import { slicePath } from '@ctr/cgroup'
import { ConfigError, quoted } from '../config/shape.ts'
import type { UnitProperty } from './properties.ts'

/** The unit of a container: systemd makes its group, and removes it. */
export interface SystemdUnit {
  readonly name: string
  /** The unit whose group it is in. */
  readonly slice: string
  /** Of its group, from the root of the hierarchy. */
  readonly path: string
  /** What annotations say of it, behind what we say. */
  readonly properties?: readonly UnitProperty[]
}

/**
 * The unit that `linux.cgroupsPath` names as SLICE:PREFIX:NAME: the scope PREFIX-NAME in the slice. Without a slice it is system.slice or, of a
 * user's manager, user.slice; without a path it is `:runc:ID`, which is what runc makes of none.
 *
 * @param controlGroup that of the manager, below which its slices are
 * @throws ConfigError it is not such a path, or its parts are not names of units
 * @see runc, docs/systemd.md, systemd unit name and placement
 */
export function unitOf(cgroupsPath: string | undefined, id: string, { user, controlGroup }: { readonly user: boolean; readonly controlGroup: string }): SystemdUnit {
  const refuse = (problem: string): never => { throw new ConfigError('linux.cgroupsPath', problem) }
  const parts = (cgroupsPath || `:runc:${id}`).split(':')
  if (parts.length !== 3) refuse(`expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got ${quoted(cgroupsPath)} instead`)
  const [given = '', prefix = '', scope = ''] = parts
  if (scope.endsWith('.slice')) refuse(`${quoted(scope)} is a slice, which has other units in it and no processes: the last part names a container`)
  const slice = given || (user ? 'user.slice' : 'system.slice')
  const name = `${prefix}-${scope}.scope`
  // systemd.unit(5): what a name may consist of, and its length.
  for (const each of [slice, name]) if (!/^[\w:.\\@-]{1,255}$/.test(each)) refuse(`${quoted(each)} is no name of a unit: letters, digits and :-_.\\@, 255 at most`)
  return { name, slice, path: posix.join('/', controlGroup, pathOf(slice, refuse), name) }
}

function pathOf(slice: string, refuse: (problem: string) => never): string {
  try {
    return slicePath(slice)
  } catch {
    return refuse(`${quoted(slice)} is no name of a slice, like machine.slice or a-b.slice`)
  }
}
