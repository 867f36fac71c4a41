import { deviceWrites, type DeviceRule } from '@ctr/cgroup'
import type { UnitProperty } from './properties.ts'

const none: DeviceRule = { allow: false, type: 'a' }

/**
 * The rules for devices in the words of systemd, which on version 1 writes the files of that controller too, if a unit has such words. Without them it removes
 * the group, and moves who is in it up. What it has no words for it is not told, and so refuses when it writes: nothing may be used that
 * the rules refuse.
 *
 * @throws TypeError, RangeError see `deviceWrites`
 * @see systemd.resource-control(5), DeviceAllow=, DevicePolicy=
 */
export function deviceProperties(rules: readonly DeviceRule[]): UnitProperty[] {
  const [first, ...exceptions] = deviceWrites(rules)
  const open = first!.file === 'devices.allow'
  // All but some it cannot say: what was allowed behind the last of those is certain.
  if (open && exceptions.length > 0) return deviceProperties([none, ...rules.slice(rules.findLastIndex(({ allow }) => !allow) + 1)])
  return [
    ['DevicePolicy', { signature: 's', value: 'strict' }],
    // Empty, it takes away what there was.
    ['DeviceAllow', { signature: 'a(ss)', value: [] }],
    ['DeviceAllow', { signature: 'a(ss)', value: open ? [['char-*', 'rwm'], ['block-*', 'rwm']] : exceptions.flatMap(({ value }) => allowed(value)) }],
  ]
}

/** `c 1:3 rwm`, as the file has it. */
function allowed(value: string): [path: string, access: string][] {
  const [type, device = '', access = ''] = value.split(' ')
  const [major, minor] = device.split(':')
  const kind = type === 'c' ? 'char' : 'block'
  if (minor !== '*') return major === '*' ? [] : [[`/dev/${kind}/${device}`, access]]
  return [[`${kind}-${major}`, access]]
}
