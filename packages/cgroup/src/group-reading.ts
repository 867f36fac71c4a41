import { CgroupError } from './cgroup-error.ts'
import { countKinds, type CountKind, type Reading } from './event-diff.ts'
import { parseCount, parseFlatKeyed, parseLimit } from './flat-keyed.ts'
import { placeOf, type Group, type Place } from './group.ts'
import { readText } from './interface-file.ts'
import { subtree } from './members.ts'
import { ancestors } from './subtree-control.ts'
import { populated } from './exists.ts'

/** @returns undefined when the group is gone from all its hierarchies */
export function readGroup(group: Group): Reading | undefined {
  const state = stateOf(group)
  const memory = placeOf(group, 'memory')
  const pids = placeOf(group, 'pids')
  const counts = {
    ...(memory ? (memory.version === 2 ? memoryCounts(memory) : memoryCountsV1(memory)) : {}),
    ...named('pids_max', pids && parseFlatKeyed(optional(`${pids.directory}/pids.events`) ?? '')['max']),
  }
  if (state.populated === undefined && Object.keys(counts).length === 0) return undefined
  const directories = memory ? [...subtree(memory.directory), ...ancestors(memory)] : []
  return {
    ...state, counts, exact: memory?.version === 2,
    limitMet: new Map(directories.flatMap((directory) => {
      // memory.events.local since Linux 5.2; the real root has none.
      const times = memory?.version === 2 ? parseFlatKeyed(optional(`${directory}/memory.events.local`) ?? '')['oom'] : limitHits(directory)
      return times === undefined ? [] : [[directory, times] as const]
    })),
    ...(memory?.version === 1 ? { full: directories.filter(isFull) } : {}),
  }
}

function stateOf(group: Group): { readonly populated?: boolean; readonly frozen?: boolean } {
  const unified = placeOf(group, 'unified')
  const text = unified && optional(`${unified.directory}/cgroup.events`)
  if (text !== undefined) {
    // Hybrid: a process may be in the v1 hierarchies only.
    return { populated: /^populated 1$/m.test(text) || (group.places.length > 1 && populated(group)), frozen: /^frozen 1$/m.test(text) }
  }
  const there = group.places.find((each) => each.version === 1 && optional(`${each.directory}/cgroup.procs`) !== undefined)
  const freezer = placeOf(group, 'freezer')
  const frozen = freezer?.version === 1 ? optional(`${freezer.directory}/freezer.state`) : undefined
  return there ? { populated: populated(group), ...(frozen === undefined ? {} : { frozen: frozen.startsWith('FROZEN') }) } : {}
}

function memoryCounts({ directory }: Place): Partial<Record<CountKind, number>> {
  const events = parseFlatKeyed(optional(`${directory}/memory.events`) ?? '')
  return Object.fromEntries(countKinds.filter((kind) => events[kind] !== undefined).map((kind) => [kind, events[kind]!]))
}

/** v1 counts each group by itself; summed up over those below, as v2 does. */
function memoryCountsV1({ directory }: Place): Partial<Record<CountKind, number>> {
  const groups = subtree(directory)
  const sum = (values: readonly (number | undefined)[]) => values.some((each) => each !== undefined) ? values.reduce<number>((total, each) => total + (each ?? 0), 0) : undefined
  return {
    ...named('max', sum(groups.map(limitHits))),
    ...named('oom_kill', sum(groups.map((each) => parseFlatKeyed(optional(`${each}/memory.oom_control`) ?? '')['oom_kill']))),
  }
}

/** v1: of memory, and of memory and swap together, which is met first where both are the same. */
function limitHits(directory: string): number | undefined {
  const counts = ['memory.failcnt', 'memory.memsw.failcnt'].map((file) => parseCount(optional(`${directory}/${file}`)))
  return counts[0] === undefined ? undefined : counts[0] + (counts[1] ?? 0)
}

/** Its peak of memory and swap together is its limit, to within the 64 pages that are charged at once (mm/memcontrol.c, MEMCG_CHARGE_BATCH). */
function isFull(directory: string): boolean {
  const [peak, limit] = [parseCount(optional(`${directory}/memory.memsw.max_usage_in_bytes`)), parseLimit(optional(`${directory}/memory.memsw.limit_in_bytes`))]
  return peak !== undefined && limit !== undefined && limit !== null && peak > limit - 64 * 4096
}

function named(kind: CountKind, value: number | undefined): Partial<Record<CountKind, number>> {
  return value === undefined ? {} : { [kind]: value }
}

function optional(path: string): string | undefined {
  try {
    return readText(path)
  } catch (error) {
    if (error instanceof CgroupError && ['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes(error.code)) return undefined
    throw error
  }
}
