import { expect, test } from 'vitest'
import { statsEvent, wideJson } from './stats-event.ts'
import { blkioUsage, memoryUsage } from './usage.ts'

const files = (texts: Readonly<Record<string, string>>) => (name: string) => texts[name]

test('memory of version 1: each counter with its limit, as wide as it is', () => {
  const memory = memoryUsage(1, files({
    'memory.stat': 'cache 4096\nrss 8192\ntotal_cache 8192\n', 'memory.limit_in_bytes': '67108864\n', 'memory.usage_in_bytes': '364544\n', 'memory.max_usage_in_bytes': '1069056\n', 'memory.failcnt': '3\n',
    'memory.memsw.limit_in_bytes': '9223372036854771712\n', 'memory.memsw.usage_in_bytes': '364544\n', 'memory.kmem.usage_in_bytes': '12288\n',
  }))!
  expect(memory).toMatchObject({ cache: 4096, usage: { limit: 67_108_864n, usage: 364_544n, max: 1_069_056n, failcnt: 3n }, swap: { limit: 9_223_372_036_854_771_712n, usage: 364_544n }, kernel: { usage: 12_288n }, kernelTCP: { usage: 0n }, raw: { rss: 8192 } })
  expect(wideJson(statsEvent('x', { memory }))).toContain('"swap":{"limit":9223372036854771712,"usage":364544,"max":0,"failcnt":0}')
})

test('memory of version 2: swap is told together with memory, and no limit is all ones', () => {
  const texts = { 'memory.stat': 'anon 8192\nfile 4096\n', 'memory.max': '67108864\n', 'memory.current': '364544\n', 'memory.peak': '1069056\n', 'memory.swap.max': '1000\n', 'memory.swap.current': '96\n' }
  expect(memoryUsage(2, files(texts))).toMatchObject({ cache: 4096, usage: { limit: 67_108_864n, usage: 364_544n, max: 1_069_056n }, swap: { limit: 67_109_864n, usage: 364_640n, max: 0n } })
  expect(wideJson({ memory: memoryUsage(2, files({ ...texts, 'memory.swap.max': 'max\n' }))! })).toContain('"swap":{"limit":18446744073709551615,')
})

test('reads and writes of devices', () => {
  const one = blkioUsage(1, files({ 'blkio.throttle.io_service_bytes_recursive': '254:0 Read 12288\n254:0 Write 0\n254:0 Total 12288\nTotal 12288\n', 'blkio.throttle.io_serviced_recursive': '254:0 Read 3\n' }))
  expect(one).toEqual({ bytes: [['Read', 12_288], ['Write', 0], ['Total', 12_288]].map(([op, value]) => ({ major: 254, minor: 0, op, value })), operations: [{ major: 254, minor: 0, op: 'Read', value: 3 }] })
  expect(blkioUsage(2, files({ 'io.stat': '254:0 rbytes=12288 wbytes=4096 rios=3 wios=1 dbytes=0 dios=0\n' }))).toEqual({
    bytes: [{ major: 254, minor: 0, op: 'Read', value: 12_288 }, { major: 254, minor: 0, op: 'Write', value: 4096 }], operations: [{ major: 254, minor: 0, op: 'Read', value: 3 }, { major: 254, minor: 0, op: 'Write', value: 1 }],
  })
})

test('the members that programs look for are there, also where nothing is known', () => {
  expect(statsEvent('x', {})).toEqual({
    type: 'stats', id: 'x',
    data: { cpu: { usage: { total: 0, kernel: 0, user: 0 }, throttling: { periods: 0, throttledPeriods: 0, throttledTime: 0 } }, cpuset: {}, memory: {}, pids: {}, blkio: {}, hugetlb: {}, intel_rdt: {}, network_interfaces: null },
  })
  const line = { avg10Percent: 1.5, avg60Percent: 0.5, avg300Percent: 0, totalMicros: 42 }
  expect(statsEvent('x', { processors: { 0: { usageNanos: 7, userNanos: 3, systemNanos: 4 }, 1: { usageNanos: 1 } }, pressure: { cpu: { some: line } }, hugetlb: { '2MB': { usageBytes: 2 ** 21, limitBytes: null } } })).toMatchObject({
    data: { cpu: { usage: { percpu: [7, 1], percpu_kernel: [4, 0], percpu_user: [3, 0] }, psi: { some: { avg10: 1.5, avg60: 0.5, avg300: 0, total: 42 } } }, hugetlb: { '2MB': { usage: 2 ** 21, max: 0, failcnt: 0 } } },
  })
})
