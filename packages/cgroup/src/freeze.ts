import { CgroupError } from './cgroup-error.ts'
import { until, type WaitOptions } from './deadline.ts'
import { explained } from './explain-refusal.ts'
import { placeOf, type Group } from './group.ts'
import { readText, writeText } from './interface-file.ts'
import { idsIn, subtree } from './members.ts'

/**
 * Every process in the group and below is stopped, until {@link thaw}.
 *
 * v2, and hybrid when all members are in the v2 group, use `cgroup.freeze`, where a frozen process can still be killed; v1 the freezer,
 * where it cannot. Never both: a process that stops for one is not counted by the other, which then never settles (seen). A process in
 * uninterruptible sleep keeps the group from freezing: after the deadline the group is thawed again and the call fails.
 *
 * @param timeoutMillis default 2000
 * @throws CgroupError ETIMEDOUT not all of them stopped in time
 * @throws CgroupError ENOENT no such group
 * @see Documentation/admin-guide/cgroup-v2.rst cgroup.freeze; cgroup-v1/freezer-subsystem.rst
 */
export async function freeze(group: Group, { timeoutMillis = 2000 }: WaitOptions = {}): Promise<void> {
  const chosen = switchFor(group)
  turn(chosen, chosen.frozen, group)
  const done = await until(() => {
    if (isFrozen(chosen)) return true
    // v1: children forked during FREEZING can hold it there for ever; writing again picks them up (runc does the same).
    if (chosen.version === 1) turn(chosen, chosen.frozen, group)
    return false
  }, timeoutMillis)
  if (done) return
  turn(chosen, chosen.thawed, group)
  throw new CgroupError({ code: 'ETIMEDOUT', syscall: 'write', action: `Cannot freeze cgroup ${group.path}`, hint: `after ${timeoutMillis} ms some process had not stopped (uninterruptible sleep?); thawed again` })
}

/**
 * The group runs, unless an ancestor is frozen.
 *
 * @throws CgroupError ENOENT no such group
 * @throws CgroupError ETIMEDOUT an ancestor is frozen
 */
export async function thaw(group: Group, { timeoutMillis = 2000 }: WaitOptions = {}): Promise<void> {
  const switches = switchesOf(group)
  for (const each of switches) turn(each, each.thawed, group)
  if (await until(() => switches.every((each) => !isFrozen(each)), timeoutMillis)) return
  throw new CgroupError({ code: 'ETIMEDOUT', syscall: 'write', action: `Cannot thaw cgroup ${group.path}`, hint: 'an ancestor is frozen' })
}

/** Whether the group is frozen, by itself or by an ancestor. */
export function frozen(group: Group): boolean {
  return switchesOf(group).some(isFrozen)
}

interface Switch {
  readonly version: 1 | 2
  readonly file: string
  readonly frozen: string
  readonly thawed: string
  readonly state: string
  readonly isFrozen: RegExp
}

function switchFor(group: Group): Switch {
  const [first, second] = switchesOf(group)
  if (!second) return first!
  const unified = new Set(members(placeOf(group, 'unified')!.directory))
  return members(placeOf(group, 'freezer')!.directory).every((pid) => unified.has(pid)) ? first! : second
}

function members(directory: string): number[] {
  return subtree(directory).flatMap((each) => idsIn(each, 'cgroup.procs'))
}

/** The v2 one first. */
function switchesOf(group: Group): Switch[] {
  const unified = placeOf(group, 'unified')
  const freezer = placeOf(group, 'freezer')
  const switches: Switch[] = []
  if (unified) switches.push({ version: 2, file: `${unified.directory}/cgroup.freeze`, frozen: '1', thawed: '0', state: `${unified.directory}/cgroup.events`, isFrozen: /^frozen 1$/m })
  if (freezer && freezer.version === 1) {
    const file = `${freezer.directory}/freezer.state`
    switches.push({ version: 1, file, frozen: 'FROZEN', thawed: 'THAWED', state: file, isFrozen: /^FROZEN/ })
  }
  if (switches.length > 0) return switches
  throw new CgroupError({ code: 'ENOENT', syscall: 'open', action: `Cannot freeze cgroup ${group.path}`, hint: 'it lives neither in a v2 hierarchy nor in one with the freezer controller' })
}

function turn(each: Switch, value: string, group: Group): void {
  try {
    writeText(each.file, value)
  } catch (error) {
    throw explained(error, each.version, `Cannot ${value === each.frozen ? 'freeze' : 'thaw'} cgroup ${group.path}`)
  }
}

function isFrozen(each: Switch): boolean {
  return each.isFrozen.test(readText(each.state))
}
