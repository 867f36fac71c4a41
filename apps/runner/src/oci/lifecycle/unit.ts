import { posix } from 'node:path'
import { cgroups, freeze, frozen, join, limitWrites, thaw, type DeviceRule, type Group, type Layout, type LimitWrite } from '@ctr/cgroup'
import { isRootless, readCaller } from '../caller.ts'
import { ConfigError } from '../config/shape.ts'
import { OciError } from '../oci-error.ts'
import type { OciState } from '../state/oci-state.ts'
import { annotationPath, annotationRefused } from '../systemd/annotated-properties.ts'
import { deviceProperties } from '../systemd/device-properties.ts'
import { limitProperties, scopeProperties, type UnitProperty } from '../systemd/properties.ts'
import type { SystemdUnit } from '../systemd/unit.ts'
import type { GroupSettings } from './make-group.ts'

/** Loaded by whom it concerns. */
const manager = () => import('../systemd/manager.ts')

/**
 * The group of the systemd that will be asked for that of a container: that systemd is there is known before anything is made.
 *
 * @throws OciError it is not, or could not lend groups to this user
 */
export async function controlGroupOfSystemd({ rootless = isRootless(readCaller()) }: { readonly rootless?: boolean | undefined }): Promise<string> {
  if (rootless && versionOf(cgroups()) === 1) throw new OciError('--systemd-cgroup: groups of cgroup version 1 are root\'s alone, and the systemd of a user makes none for others (systemd.unified_cgroup_hierarchy=1 on the kernel command line has version 2): without the flag, containers of a user have no group there')
  const { withSystemd } = await manager()
  return withSystemd({ user: rootless }, (systemd) => systemd.controlGroup())
}

/** Of the controllers that systemd speaks of: hybrid hosts have theirs on version 1. */
const versionOf = ({ mode }: Layout): 1 | 2 => (mode === 'v2' ? 2 : 1)

/** What systemd is told of limits and devices, and of what annotations ask for. */
export function toldProperties({ properties = [] }: SystemdUnit, group: Group, settings: GroupSettings): UnitProperty[] {
  return [...limitProperties(writesOf(group, settings)), ...(versionOf(group.layout) === 1 ? deviceProperties(settings.devices) : []), ...properties]
}

/** What systemd is told when it makes the unit. */
export const unitProperties = (unit: SystemdUnit, id: string, pid: number, group: Group, settings: GroupSettings): UnitProperty[] =>
  [...scopeProperties({ description: `ctrun-oci container ${id}`, slice: unit.slice, pid, version: versionOf(group.layout) }), ...toldProperties(unit, group, settings)]

/** All that will be written to files of the group. */
export const writesOf = ({ layout }: Group, { limits, files }: Pick<GroupSettings, 'limits' | 'files'>): LimitWrite[] => [...limitWrites(layout, limits), ...files]

/** Systemd has made the unit, and its group, with the process in it. @throws OciError; ConfigError an annotation that it does not take */
export async function startUnit(unit: SystemdUnit, { id, rootless, annotations }: Pick<OciState, 'id' | 'rootless' | 'annotations'>, pid: number, group: Group, settings: GroupSettings): Promise<void> {
  const { withSystemd } = await manager()
  try {
    await withSystemd({ user: rootless }, (systemd) => systemd.startUnit(unit.name, unitProperties(unit, id, pid, group, settings)))
  } catch (error) {
    const refused = annotationRefused(Object.keys(annotations), (error as Error).message)
    throw refused === undefined ? error : new ConfigError(annotationPath(refused), (error as Error).message)
  }
}

/** The process is in those of its groups too that systemd knows nothing of: on version 1 each controller has its own. @throws CgroupError */
export function joinOthers(group: Group, pid: number): void {
  if (versionOf(group.layout) === 1) join(group, pid)
}

/** Nothing of the unit is left, where there is one. Its processes have been killed: systemd would ask them to end, and wait. @throws OciError */
export async function stopUnit({ unit, cgroup, rootless }: OciState): Promise<void> {
  if (unit === undefined) return
  const { withSystemd } = await manager()
  await withSystemd({ user: rootless }, (systemd) => systemd.stopUnit(unit, cgroup))
}

/**
 * Systemd knows of new limits, where it keeps the group: it would undo them otherwise, sooner or later.
 *
 * On version 1 it refuses all devices for a moment when it writes anything: meanwhile nobody runs in there.
 *
 * @param devices new rules, if there are any
 * @throws OciError, CgroupError
 */
export async function updateUnit({ unit, rootless }: OciState, group: Group, writes: readonly LimitWrite[], devices: readonly DeviceRule[] | undefined): Promise<void> {
  const first = versionOf(group.layout) === 1
  const properties = [...limitProperties(writes), ...(first && devices ? deviceProperties(devices) : [])]
  if (unit === undefined || properties.length === 0) return
  const { withSystemd } = await manager()
  await withSystemd({ user: rootless }, async (systemd) => {
    const stops = first && !frozen(group)
    if (stops) await freeze(group)
    try {
      await systemd.setProperties(unit, properties)
    } finally {
      if (stops) await thaw(group)
    }
  })
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
