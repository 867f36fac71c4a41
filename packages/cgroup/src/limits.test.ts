import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Layout } from './layout.ts'
import { limitWrites, type Limits } from './limits.ts'

const of = (version: 1 | 2, ...controllers: string[]): Layout => ({
  mode: version === 1 ? 'v1' : 'v2',
  hierarchies: [{ version, mountpoint: '/c', root: '/', controllers, own: '/', readOnly: false }],
  own: {},
  disabled: ['rdma'],
})
const v1 = of(1, 'memory', 'cpu', 'cpuset', 'pids', 'blkio', 'hugetlb', 'rdma', 'misc', 'net_cls', 'net_prio')
const v2 = of(2, 'memory', 'cpu', 'cpuset', 'pids', 'io', 'hugetlb', 'rdma', 'misc')
const pairs = (layout: Layout, limits: Limits) => limitWrites(layout, limits).map(({ file, value }) => `${file}=${value}`)

describe('limitWrites', () => {
  test.each<[Limits, string[], string[]]>([
    [{}, [], []],
    [{ memoryBytes: 67108864 }, ['memory.limit_in_bytes=67108864'], ['memory.max=67108864']],
    [{ memoryBytes: 'max' }, ['memory.limit_in_bytes=-1'], ['memory.max=max']],
    [{ memoryBytes: 100, memorySwapBytes: 150 }, ['memory.limit_in_bytes=100', 'memory.memsw.limit_in_bytes=150'], ['memory.max=100', 'memory.swap.max=50']],
    [{ memoryBytes: 100, memorySwapBytes: 100 }, ['memory.limit_in_bytes=100', 'memory.memsw.limit_in_bytes=100'], ['memory.max=100', 'memory.swap.max=0']],
    [{ memorySwapBytes: 'max' }, ['memory.memsw.limit_in_bytes=-1'], ['memory.swap.max=max']],
    [{ memoryReservationBytes: 10 }, ['memory.soft_limit_in_bytes=10'], ['memory.low=10']],
    [{ cpus: 0.2 }, ['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=20000'], ['cpu.max=20000 100000']],
    [{ cpus: 1.5, cpuPeriodMicros: 50000 }, ['cpu.cfs_period_us=50000', 'cpu.cfs_quota_us=75000'], ['cpu.max=75000 50000']],
    [{ cpuQuotaMicros: 'max' }, ['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=-1'], ['cpu.max=max 100000']],
    [{ cpuShares: 1024 }, ['cpu.shares=1024'], ['cpu.weight=100']],
    [{ cpuWeight: 100 }, ['cpu.shares=1024'], ['cpu.weight=100']],
    [{ cpus: 0.5, cpuBurstMicros: 9000 }, ['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=50000', 'cpu.cfs_burst_us=9000'], ['cpu.max=50000 100000', 'cpu.max.burst=9000']],
    [{ cpuIdle: true }, ['cpu.idle=1'], ['cpu.idle=1']],
    [{ cpuIdle: false, cpuWeight: 100 }, ['cpu.idle=0', 'cpu.shares=1024'], ['cpu.idle=0', 'cpu.weight=100']],
    [{ cpusetCpus: '0-3,6', cpusetMems: '0' }, ['cpuset.cpus=0-3,6', 'cpuset.mems=0'], ['cpuset.cpus=0-3,6', 'cpuset.mems=0']],
    [{ pidsMax: 32 }, ['pids.max=32'], ['pids.max=32']],
    [{ pidsMax: 'max' }, ['pids.max=max'], ['pids.max=max']],
    [{ io: [{ device: '8:0', readBytesPerSecond: 1000, writesPerSecond: 5 }] }, ['blkio.throttle.read_bps_device=8:0 1000', 'blkio.throttle.write_iops_device=8:0 5'], ['io.max=8:0 rbps=1000 wiops=5']],
    [{ io: [{ device: '8:0', writeBytesPerSecond: 'max', readsPerSecond: 7 }] }, ['blkio.throttle.write_bps_device=8:0 0', 'blkio.throttle.read_iops_device=8:0 7'], ['io.max=8:0 wbps=max riops=7']],
    [{ io: [{ device: '8:0', weight: 200 }], ioWeight: 50 }, ['blkio.bfq.weight=50', 'blkio.bfq.weight_device=8:0 200'], ['io.weight=default 50', 'io.weight=8:0 200']],
    [{ hugetlbBytes: { '2MB': 4194304, '1GB': 'max' }, hugetlbReservedBytes: { '2MB': 0 } }, ['hugetlb.2MB.limit_in_bytes=4194304', 'hugetlb.1GB.limit_in_bytes=-1', 'hugetlb.2MB.rsvd.limit_in_bytes=0'], ['hugetlb.2MB.max=4194304', 'hugetlb.1GB.max=max', 'hugetlb.2MB.rsvd.max=0']],
    [{ rdma: { mlx5_0: { handles: 2, objects: 'max' }, ocrdma1: { objects: 3 } } }, ['rdma.max=mlx5_0 hca_handle=2 hca_object=max', 'rdma.max=ocrdma1 hca_object=3'], ['rdma.max=mlx5_0 hca_handle=2 hca_object=max', 'rdma.max=ocrdma1 hca_object=3']],
    [{ misc: { sev: 3, sev_es: 'max' } }, ['misc.max=sev 3', 'misc.max=sev_es max'], ['misc.max=sev 3', 'misc.max=sev_es max']],
  ])('%j', (limits, onV1, onV2) => {
    expect(pairs(v1, limits)).toEqual(onV1)
    expect(pairs(v2, limits)).toEqual(onV2)
  })

  test('what one version does not have is refused in words', () => {
    expect(pairs(v2, { memoryHighBytes: 'max', memoryMinBytes: 5, memoryOomGroup: true })).toEqual(['memory.high=max', 'memory.min=5', 'memory.oom.group=1'])
    expect(pairs(v1, { memorySwappiness: 60 })).toEqual(['memory.swappiness=60'])
    expect(pairs(v1, { networkClassId: 0x00100001, networkPriorities: { eth0: 5, lo: 0 } })).toEqual(['net_cls.classid=1048577', 'net_prio.ifpriomap=eth0 5', 'net_prio.ifpriomap=lo 0'])
    expect(pairs(v1, { cpuRealtimeRuntimeMicros: 10_000, cpuRealtimePeriodMicros: 500_000 })).toEqual(['cpu.rt_period_us=500000', 'cpu.rt_runtime_us=10000'])
    expect(() => pairs(v2, { networkClassId: 5 })).toThrow(new TypeError('Cannot set net_cls.classid: v2 has no such controller; packet filters match the group itself'))
    expect(() => pairs(v2, { networkPriorities: { lo: 5 } })).toThrow('Cannot set net_prio.ifpriomap: v2 has no such controller')
    expect(() => pairs(v2, { cpuRealtimeRuntimeMicros: 5 })).toThrow(new TypeError('Cannot set a real-time budget: v2 has none, real-time processes live in its root group only'))
    expect(() => pairs(v1, { memoryHighBytes: 5 })).toThrow(new TypeError('Cannot set memory.high to 5: v1 has no throttling limit'))
    expect(() => pairs(v1, { memoryMinBytes: 5 })).toThrow(new TypeError('Cannot set memory.min to 5: v1 has no guaranteed memory'))
    expect(() => pairs(v1, { memoryOomGroup: true })).toThrow(new TypeError('Cannot set memory.oom.group: v1 kills one process at a time'))
    expect(pairs(v1, { memoryOomKillDisable: true, memoryTcpBytes: 4096 })).toEqual(['memory.oom_control=1', 'memory.kmem.tcp.limit_in_bytes=4096'])
    expect(pairs(v1, { memoryOomKillDisable: false, memoryTcpBytes: 'max' })).toEqual(['memory.oom_control=0', 'memory.kmem.tcp.limit_in_bytes=-1'])
    // There is nothing to be taken away.
    expect(pairs(v2, { memoryOomKillDisable: false, memoryTcpBytes: 'max' })).toEqual([])
    expect(() => pairs(v2, { memoryOomKillDisable: true })).toThrow(new TypeError('Cannot set memory.oom_control: v2 always kills, and memory.high slows down before it does'))
    expect(() => pairs(v2, { memoryTcpBytes: 5 })).toThrow(new TypeError('Cannot set memory.kmem.tcp.limit_in_bytes to 5: v2 counts buffers of TCP as memory, and limits them with it'))
    expect(() => pairs(v2, { memorySwappiness: 60 })).toThrow(new TypeError('Cannot set memory.swappiness to 60: v2 has no swappiness of a group'))
  })

  test.each<[Limits, string]>([
    [{ cpus: 0.1, cpuBurstMicros: 10001 }, 'Cannot set cpu.max.burst to 10001: more than the quota (10000)'],
    [{ pidsMax: -5 }, 'Cannot set pids.max to -5: '],
    [{ pidsMax: 1.5 }, 'Cannot set pids.max to 1.5: '],
    [{ pidsMax: 4194305 }, 'Cannot set pids.max to 4194305: '],
    [{ memoryBytes: -1 }, 'Cannot set memory.max to -1: '],
    [{ memoryBytes: NaN }, 'Cannot set memory.max to NaN: '],
    [{ memoryBytes: 2 ** 60 }, 'Cannot set memory.max to 1152921504606847000: '],
    [{ memoryBytes: 100, memorySwapBytes: 99 }, 'Cannot set memory.swap.max to 99: memory and swap together cannot be less than memory alone (100)'],
    [{ cpus: 0.001 }, "Cannot set cpus to 0.001: the kernel's least quota is 1000 µs in each period of 100000 µs"],
    [{ cpus: Infinity }, 'Cannot set cpus to Infinity: '],
    [{ cpuQuotaMicros: 999 }, 'Cannot set cpu quota to 999: '],
    [{ cpuQuotaMicros: 5000, cpuPeriodMicros: 1000001 }, 'Cannot set cpu period to 1000001: '],
    [{ cpuShares: 1 }, 'Cannot set cpu.shares to 1: not a whole number from 2 to 262144'],
    [{ cpuWeight: 10001 }, 'Cannot set cpu.weight to 10001: '],
    [{ cpusetCpus: '' }, 'Cannot set cpuset.cpus to "": not a list like 0-3,6'],
    [{ cpusetCpus: '3-1' }, 'Cannot set cpuset.cpus to "3-1": 3-1 runs backwards'],
    [{ cpusetCpus: '0\n' }, 'Cannot set cpuset.cpus to "0\\n": '],
    [{ io: [{ device: 'sda' }] }, 'Cannot limit device "sda": not MAJOR:MINOR, like 8:0'],
    [{ io: [{ device: '8:0', readBytesPerSecond: 0 }] }, 'Cannot set io.max of 8:0 to 0: not a whole number from 1 to '],
    [{ io: [{ device: '8:0', readsPerSecond: 2 ** 32 }] }, 'Cannot set io.max of 8:0 to 4294967296: '],
    [{ ioWeight: 10_001 }, 'Cannot set io.weight to 10001: not a whole number from 1 to 10000'],
    [{ hugetlbBytes: { '2M': 5 } }, 'Cannot limit huge pages of "2M": not a size like 2MB or 1GB'],
    [{ hugetlbBytes: { '2MB': -1 } }, 'Cannot set hugetlb.2MB.max to -1: '],
    [{ rdma: { 'a b': { handles: 1 } } }, 'Cannot set rdma.max of "a b": not a name'],
    [{ misc: { 'a\n': 1 } }, 'Cannot set misc.max of "a\\n": not a name'],
  ])('RangeError: %j', (limits, message) => {
    expect(() => limitWrites(v2, limits)).toThrow(RangeError)
    expect(() => limitWrites(v2, limits)).toThrow(message)
  })

  test.each<[object, string]>([
    [{ pidsMax: '5' }, `Cannot set pids.max to "5": not a number or 'max'`],
    [{ cpuShares: 'max' }, 'Cannot set cpu.shares to "max": not a number'],
    [{ memorySwapBytes: 100 }, 'Cannot set memory.swap.max to 100: memorySwapBytes is memory and swap together and needs memoryBytes'],
    [{ cpuPeriodMicros: 5000 }, 'Cannot set the cpu period to 5000: it needs a quota (v2 has both in one file)'],
    [{ cpus: 1, cpuQuotaMicros: 5000 }, 'Cannot set cpus and cpuQuotaMicros: both say the same thing'],
    [{ cpuShares: 2, cpuWeight: 1 }, 'Cannot set cpuShares and cpuWeight: both say the same thing'],
    [{ cpuIdle: true, cpuWeight: 5 }, 'Cannot set cpuIdle and a weight: '],
    [{ cpuIdle: 1 }, 'Cannot set cpu.idle to 1: not a boolean'],
    [{ pidMax: 5 }, 'Cannot set limit "pidMax": not one of memoryBytes, '],
    [{ io: { device: '8:0' } }, 'Cannot set io to [object Object]: not a list of devices'],
    [{ io: [{ device: '8:0', rbps: 5 }] }, 'Cannot set io limit "rbps": not one of device, weight, readBytesPerSecond, '],
    [{ rdma: { mlx5_0: {} } }, 'Cannot set rdma.max of mlx5_0: neither handles nor objects is given'],
    [{ rdma: { mlx5_0: 5 } }, 'Cannot set rdma.max of mlx5_0 to 5: not { handles, objects }'],
    [{ misc: { sev: '5' } }, `Cannot set misc.max of sev to "5": not a number or 'max'`],
  ])('TypeError: %j', (limits, message) => {
    expect(() => limitWrites(v2, limits as Limits)).toThrow(TypeError)
    expect(() => limitWrites(v2, limits as Limits)).toThrow(message)
  })

  test('what only v1 bounds', () => {
    expect(() => pairs(v1, { ioWeight: 1001 })).toThrow('Cannot set blkio.bfq.weight to 1001: not a whole number from 1 to 1000')
    expect(() => pairs(v1, { networkClassId: 2 ** 32 })).toThrow(RangeError)
    expect(() => pairs(v1, { networkPriorities: { 'a b': 1 } })).toThrow('Cannot set net_prio.ifpriomap of "a b": not the name of a network interface')
    expect(() => pairs(v1, { cpuRealtimeRuntimeMicros: 6, cpuRealtimePeriodMicros: 5 })).toThrow('Cannot set cpu.rt_runtime_us to 6: not a whole number from 0 to 5')
  })

  test('a weight that BFQ knows too may go to its file instead', () => {
    expect(limitWrites(v2, { ioWeight: 1000 })).toEqual([{ controller: 'io', file: 'io.weight', value: 'default 1000', instead: 'io.bfq.weight' }])
    expect(limitWrites(v2, { ioWeight: 1001 })).toEqual([{ controller: 'io', file: 'io.weight', value: 'default 1001' }])
  })

  test('a limit whose controller is nowhere says why', () => {
    expect(() => limitWrites(of(1, 'cpu'), { pidsMax: 5 })).toThrow(expect.objectContaining({ code: 'ENOENT', hint: 'no mounted hierarchy has the pids controller' }))
    expect(() => limitWrites(of(2, 'cpu'), { pidsMax: 5 })).toThrow(expect.objectContaining({ hint: 'the visible cgroup root does not offer the pids controller (its cgroup.controllers)' }))
    expect(() => limitWrites({ ...of(1, 'cpu'), disabled: ['memory'] }, { memoryBytes: 5 })).toThrow(expect.objectContaining({ hint: 'the kernel was started with cgroup_disable=memory' }))
  })

  test('whatever is accepted is plain text for a file of the controller', () => {
    fc.assert(
      fc.property(
        fc.record({ memoryBytes: fc.nat(), cpus: fc.double({ min: 0.01, max: 512, noNaN: true }), cpuWeight: fc.integer({ min: 1, max: 10000 }), pidsMax: fc.integer({ min: 0, max: 4194304 }) }, { requiredKeys: [] }),
        fc.constantFrom(v1, v2),
        (limits, layout) => {
          for (const { controller, file, value } of limitWrites(layout, limits)) {
            expect(file.startsWith(`${controller}.`)).toBe(true)
            expect(value).toMatch(/^\d+( \d+)?$/)
          }
        },
      ),
    )
  })
})
