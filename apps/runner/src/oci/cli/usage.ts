import { CgroupError, parseCpuList, parseFlatKeyed, pressureStat, read, stat, type Group, type PressureStat, type Stat } from '@ctr/cgroup'

/** Text of an interface file of the group; undefined where it has none. */
export type ReadFile = (file: string) => string | undefined

/** All that runc's events tell of a group. Numbers are as wide as the kernel's. */
export interface Usage extends Pick<Stat, 'cpu' | 'pids' | 'processors' | 'hugetlb'> {
  readonly cpuset?: CpusetUsage
  readonly memory?: MemoryUsage
  readonly pressure?: PressureStat
  readonly blkio?: BlkioUsage
}

export interface CpusetUsage {
  readonly cpus: readonly number[]
  readonly mems: readonly number[]
  /** The other files, by their names without `cpuset.`. */
  readonly flags: Readonly<Record<string, number>>
}

/** One of the counters of memory: its limit, all ones where there is none, its use now and at most, and how often it met the limit. */
export interface MemoryCounter {
  readonly limit: bigint
  readonly usage: bigint
  readonly max: bigint
  readonly failcnt: bigint
}

export interface MemoryUsage {
  readonly cache: number
  readonly usage: MemoryCounter
  /** Memory and swap together, as version 1 counts. */
  readonly swap: MemoryCounter
  readonly kernel: MemoryCounter
  readonly kernelTCP: MemoryCounter
  /** memory.stat */
  readonly raw: Readonly<Record<string, number>>
}

export interface BlkioEntry {
  readonly major: number
  readonly minor: number
  readonly op: string
  readonly value: number
}

export interface BlkioUsage {
  readonly bytes: readonly BlkioEntry[]
  readonly operations: readonly BlkioEntry[]
}

export function usageOf(group: Group): Usage {
  const file: ReadFile = (name) => {
    try {
      return read(group, name)
    } catch (error) {
      // Not of this kernel or not of this controller, or the group has gone.
      if (error instanceof CgroupError && ['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes(error.code)) return undefined
      throw error
    }
  }
  const version = (...controllers: string[]) => group.places.find((place) => controllers.some((name) => place.controllers.includes(name)))?.version
  const [cpuset, memory, blkio, pressure] = [version('cpuset') === 1 ? cpusetUsage(file) : undefined, memoryUsage(version('memory'), file), blkioUsage(version('blkio', 'io'), file), pressureOf(group, file)]
  const { cpu, pids, processors, hugetlb } = stat(group, ['cpu', 'pids', 'processors', 'hugetlb'])
  return {
    ...(cpu ? { cpu } : {}), ...(pids ? { pids } : {}), ...(processors ? { processors } : {}), ...(hugetlb ? { hugetlb } : {}),
    ...(cpuset ? { cpuset } : {}), ...(memory ? { memory } : {}), ...(blkio ? { blkio } : {}), ...(pressure ? { pressure } : {}),
  }
}

/** In a hybrid layout these files are of a hierarchy that limits nothing, and runc does not look there. */
function pressureOf({ layout }: Group, file: ReadFile): PressureStat | undefined {
  return layout.mode === 'v2' ? pressureStat(file) : undefined
}

const cpusetFlags = ['cpu_exclusive', 'mem_hardwall', 'mem_exclusive', 'memory_migrate', 'memory_spread_page', 'memory_spread_slab', 'memory_pressure', 'sched_load_balance', 'sched_relax_domain_level']

/** @see cpuset(7) */
function cpusetUsage(file: ReadFile): CpusetUsage {
  const numbers = (name: string) => parseCpuList((file(`cpuset.${name}`) ?? '').trim())
  return { cpus: numbers('cpus'), mems: numbers('mems'), flags: Object.fromEntries(cpusetFlags.map((name) => [name, Number(file(`cpuset.${name}`) ?? 0)])) }
}

const none = 2n ** 64n - 1n

/** What a file says: 0 where there is none, and all ones for `max`. */
function count(text: string | undefined): bigint {
  const word = text?.trim() ?? ''
  return word === 'max' ? none : /^\d+$/.test(word) ? BigInt(word) : 0n
}

/** @see Documentation/admin-guide/cgroup-v1/memory.rst; cgroup-v2.rst, Memory Interface Files */
export function memoryUsage(version: 1 | 2 | undefined, file: ReadFile): MemoryUsage | undefined {
  if (version === undefined) return undefined
  const raw = parseFlatKeyed(file('memory.stat') ?? '')
  if (version === 1) {
    const counter = (name: string): MemoryCounter => ({ limit: count(file(`${name}.limit_in_bytes`)), usage: count(file(`${name}.usage_in_bytes`)), max: count(file(`${name}.max_usage_in_bytes`)), failcnt: count(file(`${name}.failcnt`)) })
    return { cache: raw['cache'] ?? 0, usage: counter('memory'), swap: counter('memory.memsw'), kernel: counter('memory.kmem'), kernelTCP: counter('memory.kmem.tcp'), raw }
  }
  const counter = (name: string): MemoryCounter => ({ limit: count(file(`${name}.max`)), usage: count(file(`${name}.current`)), max: count(file(`${name}.peak`)), failcnt: 0n })
  const [usage, swap] = [counter('memory'), counter('memory.swap')]
  const nothing: MemoryCounter = { limit: 0n, usage: 0n, max: 0n, failcnt: 0n }
  const limit = swap.limit === none || usage.limit === none ? none : swap.limit + usage.limit
  // Version 2 has no peak of both.
  return { cache: raw['file'] ?? 0, usage, swap: { limit, usage: usage.usage + swap.usage, max: 0n, failcnt: 0n }, kernel: nothing, kernelTCP: nothing, raw }
}

/** @see Documentation/admin-guide/cgroup-v1/blkio-controller.rst; cgroup-v2.rst, io.stat */
export function blkioUsage(version: 1 | 2 | undefined, file: ReadFile): BlkioUsage | undefined {
  if (version === undefined) return undefined
  if (version === 1) {
    const entries = (name: string) => [...(file(name) ?? '').matchAll(/^(\d+):(\d+) ([A-Z]\w+) (\d+)$/gm)].map(([, major, minor, op = '', value]) => ({ major: Number(major), minor: Number(minor), op, value: Number(value) }))
    return { bytes: entries('blkio.throttle.io_service_bytes_recursive'), operations: entries('blkio.throttle.io_serviced_recursive') }
  }
  const lines = (file('io.stat') ?? '').split('\n')
  const entries = (names: Readonly<Record<string, string>>) => lines.flatMap((line) => {
    const [device = '', ...values] = line.split(' ')
    const [major = 0, minor = 0] = device.split(':').map(Number)
    return values.flatMap((each) => {
      const [name = '', value] = each.split('=')
      return names[name] === undefined ? [] : [{ major, minor, op: names[name], value: Number(value) }]
    })
  })
  return { bytes: entries({ rbytes: 'Read', wbytes: 'Write' }), operations: entries({ rios: 'Read', wios: 'Write' }) }
}
