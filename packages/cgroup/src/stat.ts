import { readdirSync } from 'node:fs'
import { CgroupError } from './cgroup-error.ts'
import { cpuStat, type CpuStat } from './cpu-stat.ts'
import { defined } from './defined.ts'
import { placeOf, type Group } from './group.ts'
import { directoryOf, readText } from './interface-file.ts'
import { ioStat, type IoStat } from './io-stat.ts'
import { memoryDetail, type MemoryDetail } from './memory-detail.ts'
import { memoryStat, oomKillsOf, type MemoryStat, type ReadFile } from './memory-stat.ts'
import { numaStat, type NumaStat } from './numa-stat.ts'
import { pageSize } from './page-size.ts'
import { pidsStat, type PidsStat } from './pids-stat.ts'
import { pressureStat, type PressureStat } from './pressure.ts'
import { processorStat, type ProcessorStat } from './processor-stat.ts'
import { hugetlbStat, miscStat, rdmaStat, type HugetlbStat, type MiscStat, type RdmaStat } from './resource-stat.ts'

/** Statistics, each part present when it was asked for and its controller is there. */
export interface Stat {
  readonly memory?: MemoryStat
  readonly cpu?: CpuStat
  readonly pids?: PidsStat
  readonly io?: IoStat
  /** Waiting for cpu, memory, io: v2 and hybrid. */
  readonly pressure?: PressureStat
  /** All of memory.stat. */
  readonly memoryDetail?: MemoryDetail
  readonly numa?: NumaStat
  /** CPU time by processor: v1. */
  readonly processors?: Readonly<Record<number, ProcessorStat>>
  /** By page size: '2MB'. */
  readonly hugetlb?: Readonly<Record<string, HugetlbStat>>
  /** By device. */
  readonly rdma?: Readonly<Record<string, RdmaStat>>
  /** By resource. */
  readonly misc?: Readonly<Record<string, MiscStat>>
}

/**
 * What the group uses now, with units in the names.
 *
 * Only the files of the parts that are asked for are read: `memory.stat` alone makes the kernel sum over all CPUs.
 *
 * @param parts default memory, cpu and pids
 * @returns a part is absent where its controller is not mounted or not enabled, or the group is gone
 * @example
 * stat(group(cgroups(), '/'), ['cpu']).cpu?.usageNanos
 */
export function stat(group: Group, parts: readonly (keyof Stat)[] = ['memory', 'cpu', 'pids']): Stat {
  const read = reader(group)
  return defined(Object.fromEntries([...new Set(parts)].map((part) => [part, readers[part](group, read)])))
}

const readers: { readonly [Part in keyof Required<Stat>]: (group: Group, read: ReadFile) => Stat[Part] | undefined } = {
  memory: (group, read) => within(group, 'memory', (version) => memoryStat(version, read)),
  cpu(group, read) {
    // v2 counts CPU time in every group, controller or not.
    const place = placeOf(group, 'cpuacct') ?? placeOf(group, 'cpu') ?? placeOf(group, 'unified')
    const found = place && cpuStat(place.version, read)
    return found && Object.keys(found).length > 0 ? found : undefined
  },
  pids: (group, read) => within(group, 'pids', () => pidsStat(read)),
  io: (group, read) => within(group, placeOf(group, 'blkio') ? 'blkio' : 'io', (version) => ioStat(version, read)),
  pressure: (group, read) => within(group, 'unified', () => pressureStat(read)),
  memoryDetail: (group, read) => within(group, 'memory', (version) => memoryDetail(version, read)),
  numa: (group, read) => within(group, 'memory', (version) => numaStat(version, pageSize(), read)),
  processors: (group, read) => within(group, 'cpuacct', () => processorStat(read)),
  hugetlb: (group, read) => within(group, 'hugetlb', (version) => hugetlbStat(version, hugePageSizes(), read)),
  rdma: (group, read) => within(group, 'rdma', () => rdmaStat(read)),
  misc: (group, read) => within(group, 'misc', () => miscStat(read)),
}

function within<T>(group: Group, controller: string, run: (version: 1 | 2) => T): T | undefined {
  const place = placeOf(group, controller)
  return place && run(place.version)
}

/**
 * How many processes the out-of-memory killer killed in the group; one small file.
 *
 * v1 counts the kills in exactly this group, v2 also those below it.
 *
 * @returns undefined where no memory controller counts
 */
export function oomKills(group: Group): number | undefined {
  const place = placeOf(group, 'memory')
  return place && oomKillsOf(place.version, reader(group))
}

/** The text of an interface file, or undefined where the group does not have it. */
export function reader(group: Group): ReadFile {
  return (file) => {
    try {
      return readText(`${directoryOf(group, file)}/${file}`)
    } catch (error) {
      // ENODEV: the group went away. EOPNOTSUPP: exists, but not for this group.
      if (error instanceof CgroupError && ['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes(error.code)) return undefined
      throw error
    }
  }
}

/** As the names of hugetlb files have them: hugepages-2048kB is 2MB (mm/hugetlb_cgroup.c, mem_fmt). */
function hugePageSizes(): string[] {
  try {
    return readdirSync('/sys/kernel/mm/hugepages').map((name) => {
      const kib = Number(/(\d+)kB$/.exec(name)?.[1] ?? 0)
      return kib >= 2 ** 20 ? `${kib / 2 ** 20}GB` : kib >= 1024 ? `${kib / 1024}MB` : `${kib}KB`
    })
  } catch {
    return []
  }
}
