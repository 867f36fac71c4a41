import type { Machine } from '@ctr/syscall'
import { lets, returnsEnosys } from './action.ts'
import { numbersOf, rowOf, x32Bit, type Architecture } from './architecture.ts'
import { widthsOf } from './argument-width.ts'
import { checkProfile } from './check-profile.ts'
import { emit } from './emit.ts'
import { Graph, type Node } from './graph.ts'
import { offset, type Instruction } from './instruction.ts'
import { isMultiplexed } from './multiplexed.ts'
import type { FilterFlag, Profile } from './profile.ts'
import { questions } from './questions.ts'
import { foreignCall, rulesOf, type Rules } from './rules.ts'
import { append, searchTree, type Range } from './tree.ts'

export interface CompileOptions {
  /** The machine that the filter is for. */
  readonly machine: Machine
  /** Where the profile is, as messages about it begin. Default `seccomp`. */
  readonly at?: string
}

/** A profile as the kernel takes it. */
export interface Filter {
  readonly instructions: readonly Instruction[]
  readonly flags: readonly FilterFlag[]
  /** Some calls are left to a listener, whose descriptor is to be handed over. */
  readonly notifies: boolean
  /** Names in the profile that no architecture has a call for, as far as is known here. */
  readonly unknown: readonly string[]
}

/**
 * The filter that does what the profile says, for all architectures of the profile that the machine runs.
 *
 * Calls that the profile cannot have known, above the highest that it names, fail with ENOSYS where the default action does not let them
 * pass, and calls of other architectures end the thread, both as with runc. What the profile says is read as runc reads it: see `decide`.
 *
 * @throws TypeError, RangeError a member of the profile is not as it must be, named with its path; or the filter needs more than 4096 instructions
 * @see seccomp(2), the runtime specification (config-linux.md, Seccomp)
 * @example
 * compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO' }] }, { machine: 'x64' })
 */
export function compile(profile: Profile, { machine, at }: CompileOptions): Filter {
  checkProfile(profile, at)
  const graph = new Graph()
  const all = rulesOf(profile, machine)
  const x32 = all.find(({ architecture }) => architecture.name === 'SCMP_ARCH_X32')
  const root = all.filter((each) => each !== x32).reduceRight<Node>((others, rules) => {
    const ranges: Range[] = []
    if (rules.architecture.name === 'SCMP_ARCH_X86_64') {
      addRanges(ranges, graph, rules, 0, x32Bit)
      addX32Ranges(ranges, graph, rules, x32)
    } else addRanges(ranges, graph, rules, 0, 2 ** 32)
    return graph.test({ offset: offset.architecture }, 'eq', rules.architecture.token, searchTree(graph, { offset: offset.number }, ranges), others)
  }, graph.return(foreignCall))
  return { instructions: emit(root), flags: profile.flags ?? [], notifies: (profile.syscalls ?? []).some(({ action }) => action === 'SCMP_ACT_NOTIFY'), unknown: unknown(profile) }
}

/** Programs make calls that they may make; what is refused is asked for once and then given up. */
const seldom = 1 / 16

/** What happens to the numbers of one architecture from `first` up to `end`. */
function addRanges(ranges: Range[], graph: Graph, { architecture, byNumber, otherwise, last }: Rules, first: number, end: number, share = 1): void {
  const rest = graph.return(otherwise)
  const restWeight = lets(otherwise) ? 1 : seldom
  const known = knownNumbers(architecture)
  let next = first
  const gap = (to: number) => {
    if (next < to) append(ranges, next, rest, share * (known(next, to) * restWeight + seldom))
    next = Math.max(next, to)
  }
  for (const number of [...byNumber.keys()].sort((a, b) => a - b)) {
    gap(number)
    const { alternatives, otherwise: returned } = byNumber.get(number)!
    const often = lets(returned) || alternatives.some((each) => lets(each.returned))
    append(ranges, number, questions(graph, alternatives, graph.return(returned), widthsOf(number, architecture)), share * (often ? 1 : seldom))
    next = number + 1
  }
  gap(last === undefined ? end : last + 1)
  if (next < end) append(ranges, next, graph.return(returnsEnosys), share * seldom)
}

/** x32's numbers, or what becomes of them where the profile does not have that architecture. */
function addX32Ranges(ranges: Range[], graph: Graph, { otherwise }: Rules, x32: Rules | undefined): void {
  // Hardly anyone makes these calls, but they have to be told from the others all the same.
  if (x32 !== undefined) return addRanges(ranges, graph, x32, x32Bit, 2 ** 32, seldom)
  append(ranges, x32Bit, graph.return(foreignCall), seldom)
  // -1 is what a tracer leaves of a call that is not to be made: no x32 call, though it has the bit.
  append(ranges, 0xffffffff, graph.return(otherwise), seldom / 16)
}

/** How many calls of the architecture have a number in a range; ranges are asked for in order. */
function knownNumbers(architecture: Architecture): (from: number, to: number) => number {
  const numbers = numbersOf(architecture)
  let next = 0
  return (from, to) => {
    while (next < numbers.length && numbers[next]! < from) next++
    const first = next
    while (next < numbers.length && numbers[next]! < to) next++
    return next - first
  }
}

function unknown({ syscalls }: Profile): string[] {
  const names = (syscalls ?? []).flatMap((rule) => rule.names).filter((name) => rowOf(name) === undefined && !isMultiplexed(name))
  return [...new Set(names)]
}
