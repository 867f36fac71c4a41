import { returnsEnosys, lets, returnValue, strictest } from './action.ts'
import { architecturesOf, nativeArchitecture, numberOf, rowOf, x32Bit, type Architecture } from './architecture.ts'
import { condition, type Condition } from './condition.ts'
import { multiplexed, multiplexer } from './multiplexed.ts'
import type { Profile, Rule } from './profile.ts'

/** One way for a call to be decided: all conditions hold. */
export interface Alternative {
  readonly conditions: readonly Condition[]
  readonly returned: number
  /** Index in `syscalls` of the profile. */
  readonly rule: number
  /** The call that socketcall or ipc makes then. */
  readonly makes?: string
}

/** Everything that a profile says about one call: the first alternative that holds, else `otherwise`. */
export interface Verdict {
  readonly alternatives: readonly Alternative[]
  readonly otherwise: number
  /** The rule that `otherwise` is from; absent where it is the default. */
  readonly rule?: number
}

/** What a profile says about the calls of one architecture. */
export interface Rules {
  readonly architecture: Architecture
  readonly byNumber: ReadonlyMap<number, Verdict>
  /** The default action. */
  readonly otherwise: number
  /** Calls above this number fail with ENOSYS: absent where the default action lets calls pass, or the profile names none. */
  readonly last?: number
}

/**
 * What the profile says about each call of each architecture that the machine runs, as runc has libseccomp read it:
 *
 * - A rule with the default action says nothing, not even where another rule would decide otherwise (libseccomp refuses it, and runc leaves it out).
 * - A rule without conditions decides the call alone, wherever it stands; of several, the first.
 * - Else the first rule whose conditions hold. Two conditions on one argument in a rule are two rules.
 * - Names that no architecture of the machine has are left out.
 * - Calls above the highest that the profile names fail with ENOSYS, unless the default action lets them pass: whoever wrote the profile did not
 *   know them, and programs fall back on ENOSYS but not on EPERM (runc, libcontainer/seccomp/patchbpf).
 */
export function rulesOf(profile: Profile, machine: Architecture['machine']): readonly Rules[] {
  const otherwise = returnValue(profile.defaultAction, profile.defaultErrnoRet)
  const entries = entriesOf(profile)
  return architecturesOf(profile.architectures, machine).map((architecture) => {
    const { column } = architecture
    const byNumber = verdicts(entries, otherwise, ({ row }) => (row === undefined || row[column] === -1 ? undefined : row[column]))
    let last = -1
    // Naming what is made through one of these names it.
    if (architecture.name === 'SCMP_ARCH_X86') for (const [number, each] of throughMultiplexers(entries, otherwise, byNumber, architecture)) {
      byNumber.set(number, each)
      last = Math.max(last, number)
    }
    for (const { calls } of entries) for (const { row } of calls) if (row !== undefined && row[column]! > last) last = row[column]!
    return { architecture, byNumber, otherwise, ...(last === -1 || lets(otherwise) ? {} : { last }) }
  })
}

interface NamedCall {
  readonly name: string
  readonly row: readonly number[] | undefined
}

/** A rule, with what it says in the form of verdicts and what its names are in the table. */
interface Entry {
  readonly calls: readonly NamedCall[]
  readonly alternatives: readonly Alternative[]
  readonly returned: number
  readonly rule: number
}

function entriesOf({ syscalls }: Profile): readonly Entry[] {
  return (syscalls ?? []).map((each, rule) => {
    const returned = returnValue(each.action, each.errnoRet)
    return { rule, returned, alternatives: conditionsOf(each).map((conditions) => ({ conditions, returned, rule })), calls: each.names.map((name) => ({ name, row: rowOf(name) })) }
  })
}

/** Everything that the rules say about each call, under the key that the call has; calls without one are left out. */
function verdicts<Key>(entries: readonly Entry[], otherwise: number, keyOf: (call: NamedCall) => Key | undefined): Map<Key, Verdict> {
  const found = new Map<Key, Verdict>()
  for (const { calls, alternatives, returned, rule } of entries) {
    if (returned === otherwise) continue
    const decided = alternatives[0]!.conditions.length === 0 ? { alternatives: [], otherwise: returned, rule } : undefined
    for (const call of calls) {
      const key = keyOf(call)
      if (key === undefined) continue
      const known = found.get(key)
      if (known?.rule === undefined) found.set(key, decided ?? { alternatives: known ? [...known.alternatives, ...alternatives] : alternatives, otherwise })
    }
  }
  return found
}

/** What decides about a call that no architecture of the profile makes: the thread ends, as with libseccomp (SCMP_FLTATR_ACT_BADARCH). */
export const foreignCall = returnValue('SCMP_ACT_KILL_THREAD')

/** The lists of conditions of a rule, one of which has to hold whole. */
function conditionsOf({ args }: Rule): readonly (readonly Condition[])[] {
  const conditions = (args ?? []).map(condition)
  const indices = new Set(conditions.map(({ index }) => index))
  return indices.size < conditions.length ? conditions.map((each) => [each]) : [conditions]
}

/**
 * The verdicts of socketcall and ipc, which make other calls by number, with arguments in memory where no filter looks. What can be
 * decided about socket without its arguments is the strictest of what the profile could say. A rule for socketcall itself comes first.
 *
 * libseccomp takes the conditions as true, so that a profile which allows some sockets allows all of them here.
 */
function* throughMultiplexers(entries: readonly Entry[], otherwise: number, byNumber: ReadonlyMap<number, Verdict>, architecture: Architecture): Iterable<readonly [number, Verdict]> {
  for (const [name, calls] of Object.entries(multiplexed)) {
    const number = numberOf(name, architecture)!
    const own = byNumber.get(number) ?? { alternatives: [], otherwise }
    if (own.rule !== undefined) continue
    const alternatives = [...own.alternatives]
    for (const [call, each] of verdicts(entries, otherwise, (candidate) => (Object.hasOwn(calls, candidate.name) ? candidate.name : undefined))) {
      const returned = strictest([each.otherwise, ...each.alternatives.map((alternative) => alternative.returned)])
      if (returned !== otherwise) alternatives.push({ conditions: [multiplexer(calls[call]!)], returned, rule: each.rule ?? each.alternatives[0]!.rule, makes: call })
    }
    if (alternatives.length > 0) yield [number, { ...own, alternatives }]
  }
}

/** The rules that decide about a call with this token and number, what it returns without any, or undefined for an architecture that the profile does not have. */
export function rulesFor(rules: readonly Rules[], token: number, number: number): Rules | undefined {
  const [native] = rules
  if (native?.architecture === nativeArchitecture.x64 && token === native.architecture.token) {
    const x32 = rules.find(({ architecture }) => architecture.name === 'SCMP_ARCH_X32')
    // -1 is what a tracer leaves of a call that is not to be made: no x32 call, though it has the bit.
    if (number >= x32Bit) return x32 ?? (number === 0xffffffff ? { ...native, byNumber: new Map(), last: Infinity } : undefined)
    return native
  }
  return rules.find(({ architecture }) => architecture.token === token)
}

/** The verdict about a call by number. */
export function verdict({ byNumber, otherwise, last = Infinity }: Rules, number: number): Verdict {
  return byNumber.get(number) ?? { alternatives: [], otherwise: number > last ? returnsEnosys : otherwise }
}
