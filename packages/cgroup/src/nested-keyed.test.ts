import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ioStat } from './io-stat.ts'
import { memoryDetail } from './memory-detail.ts'
import type { ReadFile } from './memory-stat.ts'
import { parseNestedKeyed } from './nested-keyed.ts'
import { numaStat } from './numa-stat.ts'
import { parsePressure, pressureStat } from './pressure.ts'
import { processorStat } from './processor-stat.ts'
import { hugetlbStat, miscStat, rdmaStat } from './resource-stat.ts'

const of = (files: Record<string, string>): ReadFile => (file) => files[file]

describe('nested keyed files', () => {
  test('max is null, and what is no number is left out', () => {
    expect(Object.fromEntries(parseNestedKeyed('8:0 rbps=max wbps=5 x= y=z\n\nmlx hca=1'))).toEqual({ '8:0': { rbps: null, wbps: 5 }, mlx: { hca: 1 } })
  })

  test('devices without values may share the line of one that has them', () => {
    expect(Object.fromEntries(parseNestedKeyed('7:7 7:6 rbytes=5 wbytes=0\n7:3'))).toEqual({ '7:7': {}, '7:6': { rbytes: 5, wbytes: 0 }, '7:3': {} })
  })

  test('hostile keys are keys', () => {
    expect([...parseNestedKeyed('__proto__ constructor=1 __proto__=2\n').get('__proto__') !== undefined ? ['there'] : []]).toEqual(['there'])
    expect(({} as Record<string, unknown>)['constructor']).toBe(Object)
  })
})

describe('ioStat', () => {
  const device = { device: '8:0', readBytes: 1, writeBytes: 2, reads: 3, writes: 4, discardBytes: 5, discards: 6 }
  test('v2; a device without values has done nothing', () => {
    expect(ioStat(2, of({ 'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7\n253:0\n' }))).toEqual({ devices: [device] })
    expect(ioStat(2, of({}))).toBeUndefined()
  })

  test('v1, with and without the groups below; the total is of no device', () => {
    const bytes = '8:0 Read 1\n8:0 Write 2\n8:0 Sync 9\n8:0 Async 9\n8:0 Discard 5\n8:0 Total 8\nTotal 8\n'
    const operations = '8:0 Read 3\n8:0 Write 4\n8:0 Discard 6\nTotal 13\n'
    expect(ioStat(1, of({ 'blkio.throttle.io_service_bytes_recursive': bytes, 'blkio.throttle.io_serviced_recursive': operations, 'blkio.throttle.io_service_bytes': '' }))).toEqual({ devices: [device] })
    expect(ioStat(1, of({ 'blkio.throttle.io_service_bytes': bytes, 'blkio.throttle.io_serviced': operations }))).toEqual({ devices: [device] })
    expect(ioStat(1, of({ 'blkio.throttle.io_service_bytes': 'Total 0\n', 'blkio.throttle.io_serviced': 'Total 0\n' }))).toEqual({ devices: [] })
    expect(ioStat(1, of({}))).toBeUndefined()
  })
})

describe('pressure', () => {
  const line = 'avg10=1.50 avg60=0.25 avg300=0.01 total=123'
  const values = { avg10Percent: 1.5, avg60Percent: 0.25, avg300Percent: 0.01, totalMicros: 123 }
  test('some and full, full alone for irq', () => {
    expect(parsePressure(`some ${line}\nfull ${line}\n`)).toEqual({ some: values, full: values })
    expect(pressureStat(of({ 'cpu.pressure': `some ${line}\n`, 'irq.pressure': `full ${line}\n` }))).toEqual({ cpu: { some: values }, irq: { full: values } })
    expect(pressureStat(of({ 'cpu.pressure': '' }))).toBeUndefined()
  })

  test('another line is a SyntaxError that quotes it', () => {
    expect(() => parsePressure(`some ${line}\nhalf ${line}\n`)).toThrow(new SyntaxError(`pressure line 2: not some or full with avg10, avg60, avg300 and total: "half ${line}"`))
  })
})

describe('resources', () => {
  test('hugetlb v2 and v1; sizes without files are absent', () => {
    expect(hugetlbStat(2, ['2MB', '1GB'], of({ 'hugetlb.2MB.current': '4194304\n', 'hugetlb.2MB.max': 'max\n', 'hugetlb.2MB.rsvd.current': '0\n', 'hugetlb.2MB.events': 'max 3\n' })))
      .toEqual({ '2MB': { usageBytes: 4194304, limitBytes: null, reservedBytes: 0, limitHits: 3 } })
    // Measured on Linux 4.18: PAGE_COUNTER_MAX rounded down to 2 MiB.
    expect(hugetlbStat(1, ['2MB'], of({ 'hugetlb.2MB.usage_in_bytes': '0\n', 'hugetlb.2MB.limit_in_bytes': '9223372036852678656\n', 'hugetlb.2MB.max_usage_in_bytes': '5\n', 'hugetlb.2MB.failcnt': '1\n' })))
      .toEqual({ '2MB': { usageBytes: 0, limitBytes: null, peakBytes: 5, limitHits: 1 } })
    expect(hugetlbStat(2, [], of({}))).toBeUndefined()
  })

  test('rdma and misc', () => {
    expect(rdmaStat(of({ 'rdma.current': 'mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=0\n', 'rdma.max': 'mlx4_0 hca_handle=5 hca_object=max\n' })))
      .toEqual({ mlx4_0: { handles: 2, objects: 2000, maxHandles: 5, maxObjects: null }, ocrdma1: { handles: 3, objects: 0, maxHandles: null, maxObjects: null } })
    expect(miscStat(of({ 'misc.current': 'sev 3\nsev_es 0\n', 'misc.max': 'sev max\nsev_es 4\n', 'misc.events': 'sev.max 7\n', 'misc.peak': 'sev 9\n' })))
      .toEqual({ sev: { current: 3, max: null, peak: 9, limitHits: 7 }, sev_es: { current: 0, max: 4 } })
    expect([rdmaStat(of({})), miscStat(of({}))]).toEqual([undefined, undefined])
  })
})

describe('memory in detail', () => {
  test('v2: names with units, the rest in the kernel\'s words', () => {
    expect(memoryDetail(2, of({ 'memory.stat': 'anon 1\nfile 2\nslab_reclaimable 3\npgfault 4\nbrand_new 5\n' })))
      .toEqual({ anonBytes: 1, fileBytes: 2, slabReclaimableBytes: 3, faults: 4, other: { brand_new: 5 } })
  })

  test('v1: the same names for total_, which counts the groups below', () => {
    expect(memoryDetail(1, of({ 'memory.stat': 'cache 9\nhierarchical_memory_limit 9223372036854771712\ntotal_cache 2\ntotal_rss 1\ntotal_mapped_file 6\ntotal_pgfault 4\n' })))
      .toEqual({ anonBytes: 1, fileBytes: 2, mappedFileBytes: 6, faults: 4, hierarchicalLimitBytes: null, other: { cache: 9 } })
    expect(memoryDetail(1, of({}))).toBeUndefined()
  })

  test('by node: bytes on v2, pages on v1', () => {
    expect(numaStat(2, 4096, of({ 'memory.numa_stat': 'anon N0=100 N1=0\nfile N0=5 N1=7\n' }))).toEqual({ anon: { 0: 100, 1: 0 }, file: { 0: 5, 1: 7 } })
    const v1 = 'total=3 N0=3\nfile=1 N0=1\nhierarchical_total=9 N0=4 N1=5\nhierarchical_file=2 N0=2 N1=0\n'
    expect(numaStat(1, 65536, of({ 'memory.numa_stat': v1 }))).toEqual({ total: { 0: 4 * 65536, 1: 5 * 65536 }, file: { 0: 2 * 65536, 1: 0 } })
    expect(numaStat(1, 4096, of({}))).toBeUndefined()
  })
})

test('whatever a file holds, numbers or a SyntaxError', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('8:0', 'Read', 'max', '=', 'N0=5', 'rbytes=max', 'anon', '9'.repeat(30), '-1', '\n', ' ', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n'))
  fc.assert(fc.property(fc.array(word).map((words) => words.join(' ')), fc.constantFrom(1 as const, 2 as const), (text, version) => {
    const read: ReadFile = () => text
    const results = [ioStat(version, read), memoryDetail(version, read), numaStat(version, 4096, read), hugetlbStat(version, ['2MB'], read), rdmaStat(read), miscStat(read), processorStat(read)]
    expect(numbersIn(results).every(Number.isFinite)).toBe(true)
    try {
      parsePressure(text)
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
    }
  }))
})

function numbersIn(value: unknown): number[] {
  return typeof value === 'number' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}
