/** One line of a device list, as OCI's `linux.resources.devices` has it. */
export interface DeviceRule {
  readonly allow: boolean
  /** Character devices, block devices, or both. */
  readonly type: 'c' | 'b' | 'a'
  /** Absent: every major number. */
  readonly major?: number
  /** Absent: every minor number. */
  readonly minor?: number
  /** Of r (read), w (write), m (mknod). Default 'rwm'. */
  readonly access?: string
}

/** What a process asks for. */
export interface DeviceRequest {
  readonly type: 'c' | 'b'
  readonly major: number
  readonly minor: number
  /** Of r, w, m; opening for both reads and writes asks for 'rw' at once. */
  readonly access: string
}

/** include/uapi/linux/bpf.h: BPF_DEVCG_ACC_* */
export const accessBits: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }

export function bitsOf(access = 'rwm'): number {
  return [...access].reduce((bits, letter) => bits | (accessBits[letter] ?? 0), 0)
}

/**
 * Whether the rules let a request through: for each kind of access that is asked for, the last rule that matches the device and covers it
 * decides, and without any it is refused.
 *
 * This is what the program of {@link deviceProgram} and the files of {@link deviceWrites} do, said once more in words; the tests hold them
 * against each other.
 */
export function deviceAllowed(rules: readonly DeviceRule[], { type, major, minor, access }: DeviceRequest): boolean {
  checkDeviceRules(rules)
  return [...access].every((letter) =>
    rules.findLast((rule) => (rule.type === 'a' || rule.type === type) && (rule.major ?? major) === major && (rule.minor ?? minor) === minor && (rule.access ?? 'rwm').includes(letter))?.allow === true)
}

/** @throws TypeError, RangeError quoting the rule */
export function checkDeviceRules(rules: readonly DeviceRule[]): void {
  if (!Array.isArray(rules)) throw new TypeError(`Cannot set devices to ${String(rules)}: not a list of rules`)
  for (const rule of rules as readonly DeviceRule[]) {
    const refuse = (why: string, kind = RangeError) => { throw new kind(`Cannot use device rule ${JSON.stringify(rule)}: ${why}`) }
    if (typeof rule !== 'object' || rule === null || typeof rule.allow !== 'boolean') refuse('allow is neither true nor false', TypeError)
    if (!['a', 'b', 'c'].includes(rule.type)) refuse("type is not 'a', 'b' or 'c'")
    // include/linux/kdev_t.h: 12 and 20 bits.
    for (const [name, value, most] of [['major', rule.major, 0xfff], ['minor', rule.minor, 0xfffff]] as const) {
      if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > most)) refuse(`${name} is not a whole number from 0 to ${most}`)
    }
    if (rule.access !== undefined && !/^(?!.*(.).*\1)[rwm]{1,3}$/.test(rule.access)) refuse('access is not made of r, w and m')
  }
}
