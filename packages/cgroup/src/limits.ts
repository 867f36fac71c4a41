import { cpuWrites } from './cpu-limits.ts'
import { cpusetWrites } from './cpuset-limits.ts'
import { ioWrites, type IoDeviceLimits } from './io-limits.ts'
import type { Layout } from './layout.ts'
import { memoryWrites } from './memory-limits.ts'
import { networkWrites } from './network-limits.ts'
import { pidsWrites } from './pids-limits.ts'
import { realtimeWrites } from './realtime-limits.ts'
import { resourceWrites, type RdmaDeviceLimits } from './resource-limits.ts'

/** Limits in one vocabulary for both versions. What is absent is not touched; `'max'` takes a limit away. */
export interface Limits {
  /** Memory, page cache and kernel memory included. v1 memory.limit_in_bytes, v2 memory.max */
  readonly memoryBytes?: number | 'max'
  /** Memory and swap together, as OCI and Docker count it. v1 memory.memsw.limit_in_bytes; v2 memory.swap.max gets the difference. */
  readonly memorySwapBytes?: number | 'max'
  /** What reclaim leaves alone while others have more. v1 memory.soft_limit_in_bytes, v2 memory.low */
  readonly memoryReservationBytes?: number
  /** Above it, the group is slowed down and reclaimed from. v2 memory.high */
  readonly memoryHighBytes?: number | 'max'
  /** What reclaim never takes. v2 memory.min */
  readonly memoryMinBytes?: number
  /** 0 to 100: how willingly anonymous memory is swapped out. v1 memory.swappiness */
  readonly memorySwappiness?: number
  /** Out of memory kills all of the group or nothing. v2 memory.oom.group */
  readonly memoryOomGroup?: boolean
  /** Out of memory kills nobody: whoever asks for more waits until there is some. v1 memory.oom_control */
  readonly memoryOomKillDisable?: boolean
  /** What buffers of TCP may take of it. v1 memory.kmem.tcp.limit_in_bytes, which kernels call deprecated */
  readonly memoryTcpBytes?: number | 'max'
  /** CPU time per period for all threads together. v1 cpu.cfs_quota_us, v2 cpu.max */
  readonly cpuQuotaMicros?: number | 'max'
  /** 1,000 to 1,000,000; with a quota only, 100,000 if absent. v1 cpu.cfs_period_us, v2 cpu.max */
  readonly cpuPeriodMicros?: number
  /** The same as quota divided by period: 0.2 is a fifth of one CPU. */
  readonly cpus?: number
  /** Unused quota that may be saved up for later. v1 cpu.cfs_burst_us, v2 cpu.max.burst */
  readonly cpuBurstMicros?: number
  /** Runs only when nobody else wants to. cpu.idle */
  readonly cpuIdle?: boolean
  /** Proportion under contention, 2 to 262144, default 1024. v1 cpu.shares, v2 cpu.weight by runc's conversion */
  readonly cpuShares?: number
  /** Proportion under contention, 1 to 10000, default 100. v2 cpu.weight, v1 cpu.shares */
  readonly cpuWeight?: number
  /** CPUs, as a list: '0-3,6'. cpuset.cpus */
  readonly cpusetCpus?: string
  /** Memory nodes, as a list. cpuset.mems */
  readonly cpusetMems?: string
  /** Threads, not processes. pids.max */
  readonly pidsMax?: number | 'max'
  /** What real-time threads get of each period. v1 cpu.rt_runtime_us, where the kernel has CONFIG_RT_GROUP_SCHED */
  readonly cpuRealtimeRuntimeMicros?: number
  /** v1 cpu.rt_period_us */
  readonly cpuRealtimePeriodMicros?: number
  /** Rates and weights of block devices. v1 blkio.throttle.*, blkio.bfq.weight_device; v2 io.max, io.weight */
  readonly io?: readonly IoDeviceLimits[]
  /** Proportion of every block device under contention, default 100. v1 blkio.bfq.weight, 1 to 1,000; v2 io.weight, 1 to 10,000, or io.bfq.weight */
  readonly ioWeight?: number
  /** Huge pages by size: { '2MB': 2 ** 24 }. Beyond it a fault is SIGBUS. v1 hugetlb.SIZE.limit_in_bytes, v2 hugetlb.SIZE.max */
  readonly hugetlbBytes?: Readonly<Record<string, number | 'max'>>
  /** Huge pages that are promised, by size: beyond it mmap(2) is ENOMEM. v1 hugetlb.SIZE.rsvd.limit_in_bytes, v2 hugetlb.SIZE.rsvd.max */
  readonly hugetlbReservedBytes?: Readonly<Record<string, number | 'max'>>
  /** By RDMA device. rdma.max */
  readonly rdma?: Readonly<Record<string, RdmaDeviceLimits>>
  /** By resource, as misc.capacity of the root names them. misc.max @since Linux 5.13 */
  readonly misc?: Readonly<Record<string, number | 'max'>>
  /** Packets of the group carry it, for tc(8) and nft: 0xAAAABBBB is class AAAA:BBBB. v1 net_cls.classid */
  readonly networkClassId?: number
  /** Priority of packets by interface. v1 net_prio.ifpriomap */
  readonly networkPriorities?: Readonly<Record<string, number>>
}

/** One write(2) of a whole value to an interface file. */
export interface LimitWrite {
  readonly controller: string
  readonly file: string
  readonly value: string
  /** Another file that takes the same value to the same effect, where the kernel does not have `file`. */
  readonly instead?: string
}

/**
 * The writes by which `limits` come true in a group of this layout, in the order that a new group accepts.
 *
 * @param layout decides file names and units
 * @param limits what is absent is not touched
 * @returns whole values, for files that exist when the controller is enabled
 * @throws TypeError two limits that say the same thing, one of the wrong type, or one that this version does not have
 * @throws RangeError a value that no kernel accepts: `Cannot set pids.max to -5`
 * @throws CgroupError ENOENT a limit whose controller no mounted hierarchy has
 * @see Documentation/admin-guide/cgroup-v2.rst, Documentation/admin-guide/cgroup-v1/
 * @example
 * limitWrites(layout, { pidsMax: 64 }) // [{ controller: 'pids', file: 'pids.max', value: '64' }]
 */
export function limitWrites(layout: Layout, limits: Limits): LimitWrite[] {
  checkNames(limits)
  return [memoryWrites, cpuWrites, realtimeWrites, cpusetWrites, pidsWrites, ioWrites, resourceWrites, networkWrites].flatMap((writes) => writes(layout, limits))
}

const names: ReadonlySet<string> = new Set<keyof Limits>([
  'memoryBytes', 'memorySwapBytes', 'memoryReservationBytes', 'memoryHighBytes', 'memoryMinBytes', 'memorySwappiness', 'memoryOomGroup', 'memoryOomKillDisable', 'memoryTcpBytes',
  'cpuQuotaMicros', 'cpuPeriodMicros', 'cpus', 'cpuBurstMicros', 'cpuIdle', 'cpuShares', 'cpuWeight', 'cpusetCpus', 'cpusetMems', 'pidsMax',
  'cpuRealtimeRuntimeMicros', 'cpuRealtimePeriodMicros', 'io', 'ioWeight', 'hugetlbBytes', 'hugetlbReservedBytes', 'rdma', 'misc', 'networkClassId', 'networkPriorities',
])

// A misspelt limit would be a limit that silently does not exist.
function checkNames(limits: Limits): void {
  for (const name of Object.keys(limits)) {
    if (!names.has(name)) throw new TypeError(`Cannot set limit ${JSON.stringify(name)}: not one of ${[...names].join(', ')}`)
  }
}
