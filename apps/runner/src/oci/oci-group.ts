import { posix } from 'node:path'
import { group, ownGroup, permission, procs, type Group, type Layout } from '@ctr/cgroup'
import type { OciConfig } from './config/config-shape.ts'
import { ConfigError } from './config/shape.ts'

/** In which hierarchies a container has a group: all of them, that of version 2 alone, or none. */
export type GroupKind = 'all' | 'unified' | 'none'

/**
 * The container's group: at `linux.cgroupsPath` in every hierarchy, exactly, for engines read its files themselves. A path that is not
 * absolute begins at the root too; where there is none, the name follows from the container's.
 *
 * @see OCI runtime-spec config-linux.md, Cgroups Path
 */
export function ociGroup(layout: Layout, { linux }: OciConfig, id: string, { rootless }: { readonly rootless: boolean }): Group {
  const path = ociGroupPath(linux?.cgroupsPath, id)
  if (!rootless) return groupIn(layout, path, 'all')
  if (!linux?.cgroupsPath) return rootlessGroup(layout, id)
  if (layout.mode === 'v1') throw new ConfigError('linux.cgroupsPath', `${JSON.stringify(linux.cgroupsPath)} cannot be made: cgroup version 1 is root's alone`)
  return groupIn(layout, path, 'unified')
}

/**
 * The group of a container without root: below the nearest group above us that was lent to our user and can have groups with limits below it,
 * for it has no processes; else below the nearest that was lent; else none. Version 1 cannot be lent safely, so nobody does.
 */
function rootlessGroup(layout: Layout, id: string): Group {
  const unified = groupIn(layout, '/', 'unified')
  const own = unified.layout.hierarchies[0]?.own
  const name = ociGroupPath(undefined, id)
  if (own === undefined || own === null) return groupIn(layout, name, 'none')
  const lent = above(own).map((path) => groupIn(layout, path, 'unified')).filter((each) => permission(each).manage)
  const parent = lent.find((each) => procs(each).length === 0) ?? lent[0]
  return parent ? groupIn(layout, posix.join(parent.path, name), 'unified') : groupIn(layout, name, 'none')
}

/** The path and those above it, itself first. */
function above(path: string): string[] {
  return path === '/' ? ['/'] : [path, ...above(posix.dirname(path))]
}

export const kindOf = ({ layout, places }: Group): GroupKind => (places.length === 0 ? 'none' : layout.hierarchies.every(({ version }) => version === 2) ? 'unified' : 'all')

/** The group at a path in those hierarchies. */
export function groupIn(layout: Layout, path: string, kind: GroupKind): Group {
  // Those without a controller too: systemd and others look for the processes of a container there.
  if (kind === 'all') return group(layout, path, { uncontrolled: true })
  const hierarchies = layout.hierarchies.filter(({ version }) => kind === 'unified' && version === 2)
  return group({ ...layout, mode: 'v2', hierarchies }, path)
}

/** Our own groups, as far as they can be seen from here. */
export function ownGroups(layout: Layout): Group {
  return ownGroup({ ...layout, hierarchies: layout.hierarchies.filter(({ own }) => own !== null) }, { uncontrolled: true })
}

export const ociGroupPath = (path: string | undefined, id: string): string => (path ? posix.join('/', path).replace(/\/+$/, '') : `/ctrun-oci-${id}`)
