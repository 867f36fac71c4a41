import { readFileSync } from 'node:fs'
import { hierarchicalLimit, leastOf, leastQuota, type Location, type ReadPath } from './binding.ts'
import { parseCpuList } from './cpu-list.ts'
import { parseCount, parseFlatKeyed } from './flat-keyed.ts'
import { detect, type Layout } from './layout.ts'

/** What binds a process, whoever set it: its own group, one above, or the machine. `by` is the file that says so, null for the machine's own size. */
export interface EffectiveLimits {
  readonly cpu: {
    /** CPU time per time, 0.5 is half of one CPU: the least quota, and no more than there are CPUs allowed. */
    readonly cpus: number
    /** The CPUs that it may run on, by number: cpuset, affinity and what is online. */
    readonly allowed: readonly number[]
    /** The quota's file, where the quota is what binds. */
    readonly by: string | null
  }
  readonly memory: {
    readonly limitBytes: number
    /** What is used of the limit by all who share it; page cache counts, and is given up when memory gets short. null: not visible from here */
    readonly usageBytes: number | null
    /** What is left before the first limit on the way up is met: that need not be the least one. */
    readonly availableBytes: number
    /** Above this it is slowed down. v2 memory.high; null: nowhere */
    readonly highBytes: number | null
    readonly by: string | null
  }
  readonly pids: {
    /** Threads, not processes. */
    readonly max: number
    readonly current: number
    readonly available: number
    readonly by: string | null
  }
  /** Controllers in whose hierarchy the group of the process is not visible from here: what they limit is not known. */
  readonly hidden: readonly string[]
}

export interface EffectiveLimitsOptions {
  /** Where the file tree to read starts, such as a mount of the host's root. Default ''. */
  readonly root?: string
}

/**
 * The limits that really bind a process: the least on the way from its group up to the root, in bytes, CPUs and threads.
 *
 * Reads files only: no privileges, no native code. Under a cgroup namespace, or where only a part of the tree is mounted, the way up ends
 * at the visible root: on v2 a limit above it cannot be known; on v1 the kernel tells a memory limit above it. CPUs are right in any case.
 *
 * @param pid as /proc names it; default this process
 * @throws Error ENOENT no such process
 * @see Documentation/admin-guide/cgroup-v2.rst; cpuset(7)
 * @example
 * effectiveLimits().cpu.cpus // e.g. 0.5
 */
export function effectiveLimits(pid: number | 'self' = 'self', { root = '' }: EffectiveLimitsOptions = {}): EffectiveLimits {
  if (pid !== 'self' && (!Number.isSafeInteger(pid) || pid < 1)) throw new RangeError(`Cannot tell the limits of process ${pid}: not a PID`)
  const read: ReadPath = (path) => optional(`${root}${path}`)
  const memberships = readFileSync(`${root}/proc/${pid}/cgroup`, 'utf8')
  const layout = layoutOf(memberships, read)
  const places = new Map(['cpu', 'memory', 'pids'].map((name) => [name, locate(layout, name)] as const))
  return {
    cpu: cpu(places.get('cpu')?.at, pid, read),
    memory: memory(places.get('memory')?.at, read),
    pids: pids(places.get('pids')?.at, read),
    hidden: [...places].filter(([, place]) => place.hidden).map(([name]) => name),
  }
}

function layoutOf(self: string, read: ReadPath): Layout {
  const facts = { mountinfo: read('/proc/self/mountinfo') ?? '', self, controllers: '' }
  try {
    return detect(facts)
  } catch (error) {
    // Without a mounted cgroup filesystem no limit can be read; the machine's own remain.
    if (error instanceof RangeError) return { mode: 'v2', hierarchies: [], own: {}, disabled: [] }
    throw error
  }
}

/** A controller that v1 does not have is v2's, enabled or not: then the files are missing, and nothing binds. */
function locate(layout: Layout, controller: string): { readonly at?: Location; readonly hidden: boolean } {
  const hierarchy = layout.hierarchies.find((each) => each.version === 1 && each.controllers.includes(controller)) ?? layout.hierarchies.find((each) => each.version === 2)
  if (!hierarchy || hierarchy.own === null) return { hidden: true }
  return { at: { version: hierarchy.version, mountpoint: hierarchy.mountpoint, path: hierarchy.own }, hidden: false }
}

function cpu(location: Location | undefined, pid: number | 'self', read: ReadPath): EffectiveLimits['cpu'] {
  // Already what cpusets and sched_setaffinity(2) leave of each other, whatever can be seen of the cpuset hierarchy.
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  // A CPU that is not there (yet) may be in the list: a thread's mask starts as all that are possible.
  const online = parseCpuList(read('/sys/devices/system/cpu/online') ?? '')
  const listed = list === undefined ? online : parseCpuList(list)
  const allowed = online.length === 0 ? listed : listed.filter((each) => online.includes(each))
  const quota = leastQuota(location, read)
  const binds = quota !== undefined && (allowed.length === 0 || quota.limit < allowed.length)
  return { cpus: binds ? quota.limit : allowed.length, allowed, by: binds ? quota.by : null }
}

function memory(location: Location | undefined, read: ReadPath): EffectiveLimits['memory'] {
  const machine = parseFlatKeyed((read('/proc/meminfo') ?? '').replace(/:\s+/g, ' ').replaceAll(' kB', ''))
  const [total = 0, free = 0] = [machine['MemTotal'], machine['MemAvailable']].map((kib) => (kib ?? 0) * 1024)
  const [limitFile, usageFile] = location?.version === 1 ? ['memory.limit_in_bytes', 'memory.usage_in_bytes'] : ['memory.max', 'memory.current']
  const found = leastOf(location, read, limitFile, usageFile)
  const hidden = hierarchicalLimit(location, read)
  const least = hidden && hidden.limit < (found?.least.limit ?? Infinity) ? hidden : found?.least
  const binds = least !== undefined && (total === 0 || least.limit < total)
  const high = location?.version === 2 ? leastOf(location, read, 'memory.high')?.least.limit : undefined
  const available = Math.min(found?.left ?? Infinity, total === 0 ? Infinity : free)
  return {
    limitBytes: binds ? least.limit : total,
    usageBytes: binds ? (least.usage ?? null) : total - free,
    availableBytes: available === Infinity ? 0 : available,
    highBytes: high ?? null,
    by: binds ? least.by : null,
  }
}

function pids(location: Location | undefined, read: ReadPath): EffectiveLimits['pids'] {
  const [pidMax = Infinity, threadsMax = Infinity] = [parseCount(read('/proc/sys/kernel/pid_max')), parseCount(read('/proc/sys/kernel/threads-max'))]
  const machine = Math.min(pidMax, threadsMax)
  // "0.20 0.18 0.12 1/80 11206": the number after the slash counts all threads (proc_loadavg(5)).
  const threads = Number(/\/(\d+)/.exec(read('/proc/loadavg') ?? '')?.[1] ?? 0)
  const found = leastOf(location, read, 'pids.max', 'pids.current')
  const binds = found !== undefined && found.least.limit < machine
  return {
    max: binds ? found.least.limit : machine,
    current: binds ? (found.least.usage ?? 0) : threads,
    available: Math.min(found?.left ?? Infinity, Math.max(0, machine - threads)),
    by: binds ? found.least.by : null,
  }
}

function optional(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
