import type { Machine } from '@ctr/syscall'
import { actionOf, actionText, withData, type Action } from './action.ts'
import { architectures, nameOf, nativeArchitecture, numberOf, type Architecture, type ArchitectureName } from './architecture.ts'
import { widthsOf } from './argument-width.ts'
import { checkProfile } from './check-profile.ts'
import { conditionText, hex, holds, type Condition } from './condition.ts'
import type { Profile, Unsigned64 } from './profile.ts'
import { foreignCall, rulesFor, rulesOf, verdict, type Alternative, type Rules } from './rules.ts'

/** A call to ask about. */
export interface Call {
  /** Its name, or its number where it has no name; x32's with bit 30. */
  readonly call: string | number
  /** Six at most; the others are 0. */
  readonly args?: readonly Unsigned64[]
  /** Default: the machine's own. */
  readonly architecture?: ArchitectureName
}

/** What becomes of a call, and why. */
export interface Decision {
  readonly action: Action
  /** The errno of SCMP_ACT_ERRNO, the message of SCMP_ACT_TRACE. */
  readonly data?: number
  /** What the filter returns. */
  readonly returned: number
  /** The rule that decided, as an index in `syscalls`; absent where none did. */
  readonly rule?: number
  /** One sentence: `socket(0x26) fails with EPERM: …`. */
  readonly why: string
}

/**
 * What the profile says about one call, read rule by rule without the filter.
 *
 * The first rule without conditions decides; without such a rule, the first whose conditions hold; else the default action. A rule that has
 * the default action is passed over, as runc does.
 *
 * @throws TypeError, RangeError the profile is not as it must be, or the architecture has no such call
 * @example
 * decide(profile, { call: 'socket', args: [38] }, { machine: 'x64' }).why
 */
export function decide(profile: Profile, { call, args = [], architecture: name }: Call, { machine, at }: { readonly machine: Machine; readonly at?: string }): Decision {
  checkProfile(profile, at)
  const architecture = name === undefined ? nativeArchitecture[machine] : architectures[name]
  if (architecture?.machine !== machine) throw new TypeError(`Cannot ask about ${name}: ${machine} does not run it`)
  const number = typeof call === 'number' ? call >>> 0 : numberOf(call, architecture)
  if (number === undefined) throw new TypeError(`There is no system call ${JSON.stringify(call)} on ${architecture.text}, as far as is known here`)
  const widths = widthsOf(number, architecture)
  const values = Array.from({ length: 6 }, (_, i) => BigInt.asUintN(widths(i), BigInt(args[i] ?? 0)))

  const { returned, rule, because } = reason(rulesFor(rulesOf(profile, machine), architecture.token, number), number, values, architecture)
  const { action, data } = actionOf(returned)
  const on = architecture === nativeArchitecture[machine] ? '' : ` on ${architecture.text}`
  const shown = `${nameOf(number, architecture) ?? `call ${number}`}(${values.slice(0, args.length).map(hex).join(', ')})${on}`
  return { action, returned, ...(withData.includes(action) ? { data } : {}), ...(rule === undefined ? {} : { rule }), why: `${shown} ${actionText(returned)}: ${because}` }
}

interface Reason {
  readonly returned: number
  readonly rule?: number
  readonly because: string
}

function reason(rules: Rules | undefined, number: number, args: readonly bigint[], architecture: Architecture): Reason {
  if (rules === undefined) return { returned: foreignCall, because: `the profile has no architecture ${architecture.name}` }
  const { alternatives, otherwise, rule } = verdict(rules, number)
  const found = alternatives.find(({ conditions }) => conditions.every((each) => holds(each, args[each.index]!)))
  if (found !== undefined) return { returned: found.returned, rule: found.rule, because: foundText(found) }
  if (rule !== undefined) return { returned: otherwise, rule, because: `syscalls[${rule}] names it, without a condition` }
  if (alternatives.length > 0) return { returned: otherwise, because: `${alternatives.map((each) => missedText(each, args)).join('; ')}; what is left has the default action` }
  if (rules.last !== undefined && number > rules.last) {
    return { returned: otherwise, because: `no rule names it, and the profile cannot know it: its number ${plain(number)} is above ${plain(rules.last)}, ${nameOf(rules.last, architecture)}, the highest that the profile names` }
  }
  return { returned: otherwise, because: 'no rule names it, and this is the default action' }
}

/** A number without the bit of x32. */
const plain = (number: number): number => number & 0x3fffffff

function foundText({ rule, conditions, makes }: Alternative): string {
  if (makes !== undefined) return `it makes ${makes}, whose arguments are in memory where no filter looks, and this is the strictest that the profile could say about it, in syscalls[${rule}]`
  return `syscalls[${rule}] names it, and ${conditions.map(conditionText).join(' and ')}`
}

function missedText({ rule, conditions, makes }: Alternative, args: readonly bigint[]): string {
  const missed = conditions.find((each) => !holds(each, args[each.index]!)) as Condition
  return `syscalls[${rule}] ${makes === undefined ? 'wants' : `is about ${makes}:`} ${conditionText(missed)}, and it is ${hex(args[missed.index]!)}`
}
