import { bitsOf, checkDeviceRules, type DeviceRule } from './device-rules.ts'
import type { LimitWrite } from './limits.ts'

interface Exception {
  readonly type: 'c' | 'b'
  readonly major?: number | undefined
  readonly minor?: number | undefined
  readonly bits: number
}

/**
 * The rules as writes to v1's devices.allow and devices.deny, which keep one default and a list of exceptions from it.
 *
 * The first write sets the default, for which the group must have no children (EINVAL). Between it and the last, a running process may be
 * refused what it is allowed before and after.
 *
 * @throws TypeError a rule that takes a part out of a wider exception: v1 cannot say it, and to ignore it would open the device
 * @throws TypeError, RangeError see {@link deviceAllowed}
 * @see Documentation/admin-guide/cgroup-v1/devices.rst; security/device_cgroup.c
 */
export function deviceWrites(rules: readonly DeviceRule[]): LimitWrite[] {
  checkDeviceRules(rules)
  let allowed = false
  let exceptions: Exception[] = []
  for (const rule of rules) {
    const bits = bitsOf(rule.access)
    if (rule.type === 'a' && rule.major === undefined && rule.minor === undefined && bits === 7) {
      allowed = rule.allow
      exceptions = []
      continue
    }
    for (const type of rule.type === 'a' ? (['c', 'b'] as const) : [rule.type]) exceptions = rule.allow === allowed ? without(exceptions, { ...rule, type, bits }, rule) : [...exceptions, { type, major: rule.major, minor: rule.minor, bits }]
  }
  return [
    { controller: 'devices', file: allowed ? 'devices.allow' : 'devices.deny', value: 'a' },
    ...exceptions.map(({ type, major = '*', minor = '*', bits }) => ({
      controller: 'devices', file: allowed ? 'devices.deny' : 'devices.allow', value: `${type} ${major}:${minor} ${['r', 'w', 'm'].filter((letter) => bits & bitsOf(letter)).join('')}`,
    })),
  ]
}

/** The exceptions less what the rule takes back: whole devices that it covers, of each the kinds of access that it names. */
function without(exceptions: readonly Exception[], back: Exception, rule: DeviceRule): Exception[] {
  return exceptions.flatMap((each) => {
    const apart = each.type !== back.type || (each.bits & back.bits) === 0 || differ(each.major, back.major) || differ(each.minor, back.minor)
    if (apart) return [each]
    const covered = (back.major === undefined || back.major === each.major) && (back.minor === undefined || back.minor === each.minor)
    if (!covered) throw new TypeError(`Cannot use device rule ${JSON.stringify(rule)}: it makes a hole in an earlier and wider one, for which v1 has no words`)
    const bits = each.bits & ~back.bits
    return bits === 0 ? [] : [{ ...each, bits }]
  })
}

function differ(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}
