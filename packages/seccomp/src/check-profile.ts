import { actions, mostData, withData, type Action } from './action.ts'
import { architectures, foreignArchitectures } from './architecture.ts'
import { filterFlags, type Operator, type Profile } from './profile.ts'

const operators: readonly Operator[] = ['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ']

type Fields = Readonly<Record<string, unknown>>

/**
 * The value is a profile: every member has its type and range. Members that are not in the specification are left alone.
 *
 * @param at where the profile is, as messages begin: `linux.seccomp`
 * @throws TypeError, RangeError naming the member: `seccomp.syscalls[3].action: "SCMP_ACT_NONE" is not one of SCMP_ACT_KILL_PROCESS, …`
 */
export function checkProfile(value: unknown, at = 'seccomp'): asserts value is Profile {
  const profile = object(value, at)
  const defaultAction = oneOf(profile.defaultAction, actions, `${at}.defaultAction`)
  checkErrno(profile.defaultErrnoRet, defaultAction, `${at}.defaultErrnoRet`)
  // The filter is installed by the process that it binds, which could not even tell whom to ask.
  if (defaultAction === 'SCMP_ACT_NOTIFY') throw new TypeError(`${at}.defaultAction: SCMP_ACT_NOTIFY would hold up the calls that hand the listener over`)
  for (const [i, name] of list(profile.architectures, `${at}.architectures`).entries()) oneOf(name, [...Object.keys(architectures), ...foreignArchitectures], `${at}.architectures[${i}]`)
  for (const [i, flag] of list(profile.flags, `${at}.flags`).entries()) oneOf(flag, filterFlags, `${at}.flags[${i}]`)
  for (const key of ['listenerPath', 'listenerMetadata'] as const) if (present(profile[key])) text(profile[key], `${at}.${key}`)
  for (const [i, rule] of list(profile.syscalls, `${at}.syscalls`).entries()) checkRule(object(rule, `${at}.syscalls[${i}]`), `${at}.syscalls[${i}]`)
  const notifies = list(profile.syscalls, at).some((rule) => (rule as Fields).action === 'SCMP_ACT_NOTIFY')
  const waits = list(profile.flags, at).indexOf('SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV')
  if (waits !== -1 && !notifies) throw new TypeError(`${at}.flags[${waits}]: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV has no meaning where no action is SCMP_ACT_NOTIFY`)
}

function checkRule(rule: Fields, at: string): void {
  if (!present(rule.names)) throw new TypeError(`${at}.names: is missing`)
  const names = list(rule.names, `${at}.names`)
  if (names.length === 0) throw new TypeError(`${at}.names: must name at least one system call`)
  for (const [i, name] of names.entries()) if (text(name, `${at}.names[${i}]`) === '') throw new TypeError(`${at}.names[${i}]: "" is not the name of a system call`)
  const action = oneOf(rule.action, actions, `${at}.action`)
  checkErrno(rule.errnoRet, action, `${at}.errnoRet`)
  // write is how the process says that the listener is there to be taken.
  if (action === 'SCMP_ACT_NOTIFY' && names.includes('write')) throw new TypeError(`${at}.action: SCMP_ACT_NOTIFY cannot be used for write, with which the listener is handed over`)
  for (const [i, given] of list(rule.args, `${at}.args`).entries()) {
    const argument = object(given, `${at}.args[${i}]`)
    integer(argument.index, 5, `${at}.args[${i}].index`)
    oneOf(argument.op, operators, `${at}.args[${i}].op`)
    unsigned64(argument.value, `${at}.args[${i}].value`)
    if (present(argument.valueTwo)) unsigned64(argument.valueTwo, `${at}.args[${i}].valueTwo`)
  }
}

/** The specification has an errno for an action without one end in an error. */
function checkErrno(errno: unknown, action: Action, at: string): void {
  if (!present(errno)) return
  if (!withData.includes(action)) throw new TypeError(`${at}: ${quote(errno)} has no meaning with ${action}`)
  integer(errno, mostData, at)
}

/** Go's writers leave an empty list out or write null: both are absent. */
const present = (value: unknown): boolean => value !== undefined && value !== null

function object(value: unknown, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${at}: ${quote(value)} is not an object`)
  return value as Fields
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!present(value)) return []
  if (!Array.isArray(value)) throw new TypeError(`${at}: ${quote(value)} is not an array`)
  return value
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string') throw new TypeError(`${at}: ${quote(value)} is not a string`)
  return value
}

function oneOf<T extends string>(value: unknown, names: readonly T[], at: string): T {
  const found = names.find((name) => name === value)
  if (found === undefined) throw new TypeError(`${at}: ${value === undefined ? 'is missing: it is' : `${quote(value)} is not`} one of ${names.join(', ')}`)
  return found
}

function integer(value: unknown, most: number, at: string): void {
  if (typeof value !== 'number') throw new TypeError(`${at}: ${value === undefined ? 'is missing' : `${quote(value)} is not a number`}`)
  if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${at}: ${quote(value)} is not an integer from 0 to ${most}`)
}

function unsigned64(value: unknown, at: string): void {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw new TypeError(`${at}: ${value === undefined ? 'is missing' : `${quote(value)} is not a number`}`)
  if (typeof value === 'number' && Number.isInteger(value) && value > Number.MAX_SAFE_INTEGER) throw new RangeError(`${at}: ${value} is above 2^53, where a number has lost digits: give a bigint`)
  if ((typeof value === 'number' && !Number.isInteger(value)) || value < 0 || value > 2n ** 64n - 1n) throw new RangeError(`${at}: ${value} is not an integer from 0 to 2^64 - 1`)
}

function quote(value: unknown): string {
  const shown = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))
  return shown.length > 60 ? `${shown.slice(0, 57)}…` : shown
}
