import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseCpuList } from './cpu-list.ts'
import { cpuStat } from './cpu-stat.ts'
import { parseLimit } from './flat-keyed.ts'
import { ioStat } from './io-stat.ts'
import { memoryDetail } from './memory-detail.ts'
import { memoryStat, type ReadFile } from './memory-stat.ts'
import { numaStat } from './numa-stat.ts'
import { pidsStat } from './pids-stat.ts'
import { pressureStat } from './pressure.ts'

// Groups of real machines, captured by other projects; kept outside the repository.
const vectors = fileURLToPath(new URL('../../../../shared/vectors/', import.meta.url))
const absent = existsSync(vectors) ? '' : ': the vectors are not here'

function reader(...directories: string[]): ReadFile {
  return (file) => {
    const found = directories.map((directory) => join(vectors, directory, file)).find((path) => existsSync(path))
    return found && readFileSync(found, 'latin1')
  }
}

describe.skipIf(absent)(`limit files of cadvisor${absent}`, () => {
  const files = 'cadvisor-cgroup/files/lib/container/common/test_resources'
  const v1 = (controller: string) => reader(`${files}/cgroup_v1/test1/${controller}`)
  const [test1, test2] = ['test1', 'test2'].map((name) => reader(`${files}/cgroup_v2/${name}`)) as [ReadFile, ReadFile]

  test('v1', () => {
    const memory = v1('memory')
    expect(['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.soft_limit_in_bytes'].map((file) => parseLimit(memory(file)))).toEqual([123456789, 13579, 24680])
    expect(['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.shares'].map((file) => parseLimit(v1('cpu')(file)))).toEqual([20000, 100010, 1025])
    expect([parseLimit(v1('pids')('pids.max')), parseCpuList(v1('cpuset')('cpuset.cpus')!)]).toEqual([1027, [0, 1, 2, 3, 4, 5]])
  })

  test('v2, with and without max', () => {
    const of = (read: ReadFile) => ['memory.max', 'memory.min', 'memory.swap.max', 'pids.max', 'cpu.weight'].map((file) => parseLimit(read(file)))
    expect([of(test1), of(test2)]).toEqual([[123456789, 24680, 13579, 1027, 50], [null, null, null, null, 50]])
    expect([test1('cpu.max')?.trim(), test2('cpu.max')?.trim(), parseCpuList(test1('cpuset.cpus.effective')!)]).toEqual(['20000 100010', 'max 100010', [0, 1, 2, 3, 4, 5]])
  })
})

describe.skipIf(absent)(`groups of elastic${absent}`, () => {
  const decoded = 'elastic-cgroup/decoded'
  const docker = `${decoded}/docker/docker/sys/fs/cgroup`
  const container = 'docker/b29faf21b7eff959f64b4192c34d5d67a707fe8561e9eaa608cb27693fba4242'
  const v1 = reader(...['blkio', 'memory', 'cpu', 'cpuacct'].map((name) => `${docker}/${name}/${container}`))
  const session = reader(`${decoded}/docker2/docker2/sys/fs/cgroup/user.slice/user-1000.slice/session-520.scope`)

  test('io, v1 of Linux 4.9 and with recursion', () => {
    expect(ioStat(1, v1)!.devices).toEqual(['7:0', '253:0', '253:1'].map((device) => expect.objectContaining({ device })))
    expect(ioStat(1, v1)!.devices[0]).toEqual({ device: '7:0', readBytes: 4608, writeBytes: 0, reads: 2, writes: 0, discardBytes: 0, discards: 0 })
  })

  test('io, v2: of a slice and with lines that do not end', () => {
    expect(ioStat(2, reader(`${docker}/system.slice`))!.devices.map(({ device }) => device)).toEqual(['252:0', '8:0', '253:0'])
    const broken = ['ubuntu', 'ubuntu2'].map((name) => ioStat(2, reader(`elastic-cgroup/files/metric/system/cgroup/testdata/io_statfiles/${name}`))!.devices)
    expect(broken.map((devices) => devices.map(({ device, readBytes }) => [device, readBytes]))).toEqual([[['7:4', 556032], ['7:3', 21017600]], [['253:0', 45931053056], ['259:0', 48963873792]]])
  })

  test('everything of one session, Linux 6.5', () => {
    expect(memoryDetail(2, session)).toMatchObject({ anonBytes: 1411100672, inactiveFileBytes: 6685749248, slabBytes: 175160424, fileRefaults: 450515, majorFaults: 14299, hugeFaults: 89441 })
    expect(Object.keys(memoryDetail(2, session)!.other).filter((name) => !/^(pg|workingset|zsw)/.test(name))).toEqual([])
    expect(numaStat(2, 4096, session)).toMatchObject({ anon: { 0: 1411100672 }, slab_unreclaimable: { 0: 3492104 } })
    expect(cpuStat(2, session)).toEqual({ usageNanos: 3611347518000, userNanos: 2915072455000, systemNanos: 696275063000, throttledNanos: 0, burstNanos: 0, periods: 0, throttledPeriods: 0, bursts: 0 })
    expect(pressureStat(session)).toMatchObject({ cpu: { some: { totalMicros: 115056064 } }, memory: { full: { totalMicros: 1677369 } }, io: { some: { totalMicros: 10748370 } }, irq: { full: { totalMicros: 29463156 } } })
    expect(pidsStat(session)).toMatchObject({ max: null, refused: 0 })
  })

  test('every directory with a memory or cpu file is read without a number that is none', () => {
    let groups = 0
    const walk = (directory: string) => {
      const read = reader(directory)
      const version = /memory\.current|cpu\.max|io\.stat/.test(readdirSync(join(vectors, directory)).join()) ? 2 : 1
      const all = [memoryStat(version, read), memoryDetail(version, read), cpuStat(version, read), ioStat(version, read), numaStat(version, 4096, read), pidsStat(read), pressureStat(read)]
      expect(numbersIn(all).every(Number.isFinite), directory).toBe(true)
      if (all.some((each) => each !== undefined && Object.keys(each).length > 0)) groups++
      for (const name of readdirSync(join(vectors, directory))) if (statSync(join(vectors, directory, name)).isDirectory()) walk(join(directory, name))
    }
    walk(decoded)
    expect(groups).toBeGreaterThan(15)
    expect(basename(dirname(decoded))).toBe('elastic-cgroup')
  })
})

function numbersIn(value: unknown): number[] {
  return typeof value === 'number' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}
