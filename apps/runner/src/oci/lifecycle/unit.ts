import { posix } from 'node:path'
import { cgroups, limitWrites, type Group, type LimitWrite } from '@ctr/cgroup'
import { isRootless, readCaller } from '../caller.ts'
import { OciError } from '../oci-error.ts'
import type { OciState } from '../state/oci-state.ts'
import { limitProperties, scopeProperties, type UnitProperty } from '../systemd/properties.ts'
import type { SystemdUnit } from '../systemd/unit.ts'
import type { GroupSettings } from './make-group.ts'

/** Loaded by whom it concerns. */
const manager = () => import('../systemd/manager.ts')

/**
 * The group of the systemd that will be asked for that of a container: that systemd is there is known before anything is made.
 *
 * @throws OciError it is not, or would manage groups of version 1
 */
export async function controlGroupOfSystemd({ rootless = isRootless(readCaller()) }: { readonly rootless?: boolean | undefined }): Promise<string> {
  if (cgroups().mode !== 'v2') throw new OciError('--systemd-cgroup: cgroup version 2 alone is needed (systemd.unified_cgroup_hierarchy=1 on the kernel command line): on version 1 this runtime makes groups without systemd only')
  const { withSystemd } = await manager()
  return withSystemd({ user: rootless }, (systemd) => systemd.controlGroup())
}

/** What systemd is told when it makes the unit. */
export const unitProperties = ({ slice }: SystemdUnit, id: string, pid: number, writes: readonly LimitWrite[]): UnitProperty[] =>
  [...scopeProperties({ description: `ctrun-oci container ${id}`, slice, pid }), ...limitProperties(writes)]

/** All that will be written to files of the group. */
export const writesOf = ({ layout }: Group, { limits, files }: Pick<GroupSettings, 'limits' | 'files'>): LimitWrite[] => [...limitWrites(layout, limits), ...files]

/** Systemd has made the unit, and its group, with the process in it. @throws OciError */
export async function startUnit(unit: SystemdUnit, { id, rootless }: Pick<OciState, 'id' | 'rootless'>, pid: number, writes: readonly LimitWrite[]): Promise<void> {
  const { withSystemd } = await manager()
  await withSystemd({ user: rootless }, (systemd) => systemd.startUnit(unit.name, unitProperties(unit, id, pid, writes)))
}

/** Nothing of the unit is left, where there is one. Its processes have been killed: systemd would ask them to end, and wait. @throws OciError */
export async function stopUnit({ unit, cgroup, rootless }: OciState): Promise<void> {
  if (unit === undefined) return
  const { withSystemd } = await manager()
  await withSystemd({ user: rootless }, (systemd) => systemd.stopUnit(unit, cgroup))
}

/** Systemd knows of new limits, where it keeps the group: it would undo them otherwise, sooner or later. @throws OciError */
export async function updateUnit({ unit, rootless }: OciState, writes: readonly LimitWrite[]): Promise<void> {
  const properties = limitProperties(writes)
  if (unit === undefined || properties.length === 0) return
  const { withSystemd } = await manager()
  await withSystemd({ user: rootless }, (systemd) => systemd.setProperties(unit, properties))
}

/**
 * Systemd has moved a process into a group of the unit: who is not root may not by itself, from a group that is not below one that was lent to it.
 *
 * @param to that of the unit, or one below it
 * @throws OciError
 */
export async function attachToUnit({ unit, cgroup, rootless }: OciState, to: Group, pid: number): Promise<void> {
  const { withSystemd } = await manager()
  await withSystemd({ user: rootless }, (systemd) => systemd.attach(unit!, posix.join('/', posix.relative(cgroup, to.path)), pid))
}
