import { create, delegate, limitWrites, setDevices, type Controller, type DeviceRule, type Group, type Limits, type LimitWrite } from '@ctr/cgroup'
import type { Caller } from '../caller.ts'
import type { OciConfig } from '../config/config-shape.ts'
import { ConfigError } from '../config/shape.ts'
import { groupOwner } from '../group-owner.ts'
import { checkMemoryVersion, deviceRules, newLimitsOf, unifiedWrites } from '../resources.ts'
import { writeFiles } from './group-files.ts'

/** What a container's group will be given. */
export interface GroupSettings {
  readonly limits: Limits
  /** `unified`: files of version 2, by name. */
  readonly files: readonly LimitWrite[]
  /** Who may divide it, as the host counts users; nobody but its maker where that is undefined. */
  readonly owner: number | undefined
  readonly devices: readonly DeviceRule[]
}

/** @throws ConfigError, CgroupError a limit that cannot be set here: before anything is made */
export function groupSettings({ layout, places }: Group, config: OciConfig, caller: Caller): GroupSettings {
  const resources = config.linux?.resources ?? {}
  if (places.length === 0) {
    const asked = [...Object.keys(newLimitsOf(resources)), ...(resources.unified?.keys() ?? [])]
    if (asked.length > 0) throw new ConfigError('linux.resources', `${asked.join(', ')} cannot be set: it takes a group, and this user was lent none (cgroup v2 with Delegate=yes of systemd; version 1 is root's alone)`)
  }
  checkMemoryVersion(layout, resources)
  const limits = newLimitsOf(resources)
  checkLimits(layout, limits)
  return { limits, files: unifiedWrites(layout, resources), owner: groupOwner(config, layout, caller), devices: deviceRules(resources) }
}

/** What the files of a group do not take is known before there is one. @throws ConfigError */
function checkLimits(layout: Group['layout'], limits: Limits): void {
  try {
    limitWrites(layout, limits)
  } catch (error) {
    throw error instanceof TypeError || error instanceof RangeError ? new ConfigError('linux.resources', error.message) : error
  }
}

/** What every group has if it can be had: statistics come with it. */
const usual: readonly Controller[] = ['cpu', 'memory', 'pids']

/** The group is there with all of it. What a failing step leaves is for the caller to remove. @throws CgroupError */
export async function makeGroup(group: Group, { limits, files, owner, devices }: GroupSettings, { rootless }: { readonly rootless: boolean }): Promise<void> {
  if (group.places.length === 0) return
  create(group, { limits, adopt: true, enable: [...new Set([...usual, ...files.map(({ controller }) => controller as Controller)])] })
  writeFiles(group, files)
  if (owner !== undefined && owner !== process.geteuid?.()) delegate(group, owner)
  // Where we may make no device, neither may the container: it opens those that it is given.
  if (!rootless) await setDevices(group, devices)
}
