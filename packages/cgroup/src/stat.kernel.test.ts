import { readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { create, group, parseCpuList, stat } from './index.ts'
import { cleanUp, disk, fileOnDisk, has, layout, leftovers, scratch, startIn, unable, until } from '../test/scratch.ts'

const unified = layout.hierarchies.some((each) => each.version === 2)
// "PSI: unsupported" kernels, and psi=0, refuse to read it.
const psi = (() => {
  try {
    return readFileSync('/proc/pressure/memory', 'utf8').startsWith('some')
  } catch {
    return false
  }
})()

describe.skipIf(unable)(`statistics on ${layout.mode}${unable ? `: ${unable}` : ''}`, () => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  test('only what is asked for is told', () => {
    const made = create(scratch())
    expect(stat(made, [])).toEqual({})
    expect(Object.keys(stat(made, ['cpu']))).toEqual(['cpu'])
  })

  test('a group that is gone has no statistics', () => {
    expect(stat(scratch(), ['memory', 'pids', 'io', 'memoryDetail', 'numa', 'hugetlb', 'rdma', 'misc', 'pressure', 'processors'])).toEqual({})
  })

  test.skipIf(!has('memory'))('memory in detail and by node is the memory in use (needs the memory controller)', async () => {
    const made = create(scratch())
    startIn(made, 'sh', '-c', '(head -c 20M /dev/zero; sleep 20) | tail')
    await until('20 MiB', () => (stat(made, ['memoryDetail']).memoryDetail?.anonBytes ?? 0) >= 20 * 2 ** 20)
    const { memory, memoryDetail, numa } = stat(made, ['memory', 'memoryDetail', 'numa'])
    expect(memoryDetail!.anonBytes).toBeLessThanOrEqual(memory!.usageBytes)
    expect(memoryDetail!.faults).toBeGreaterThan(5000)
    // Both are sums over CPUs that lag behind by some pages.
    const anon = Object.values(numa!['anon']!).reduce((sum, each) => sum + each, 0)
    expect(Math.abs(anon - memoryDetail!.anonBytes!)).toBeLessThan(4 * 2 ** 20)
  })

  test.skipIf(!has('cpuacct'))('a process bound to one processor has run on that one (needs the cpuacct controller: v1)', async () => {
    const made = create(scratch())
    const last = Math.max(...parseCpuList(/^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!))
    startIn(made, 'taskset', '-c', `${last}`, 'sh', '-c', 'while :; do :; done')
    const ofLast = () => stat(made, ['processors']).processors![last]!
    await until('50 ms on it', () => ofLast().usageNanos > 50e6 && ofLast().userNanos! > 20e6)
    const { cpu, processors } = stat(made, ['processors', 'cpu'])
    const elsewhere = Object.entries(processors!).filter(([number]) => Number(number) !== last).reduce((sum, [, each]) => sum + each.usageNanos, 0)
    expect(elsewhere).toBeLessThan(processors![last]!.usageNanos / 2) // starting, before taskset
    expect(cpu!.usageNanos).toBeGreaterThanOrEqual(processors![last]!.usageNanos)
  })

  const counts = has('blkio') || has('io')
  test.skipIf(!counts || !disk)('io counts what a process reads from a disk (needs the blkio or io controller, and a disk)', async () => {
    const made = create(scratch(), { enable: ['io'] })
    const file = fileOnDisk(2 ** 20)
    const { code } = await startIn(made, 'dd', `if=${file}`, 'of=/dev/null', 'bs=64k', 'iflag=direct').exit
    rmSync(dirname(file), { recursive: true })
    expect(code).toBe(0)
    const device = stat(made, ['io']).io!.devices.find((each) => each.device === disk)!
    // And perhaps the directory, or dd itself.
    expect(device.readBytes).toBeGreaterThanOrEqual(2 ** 20)
    expect(device.readBytes).toBeLessThan(2 ** 24)
    expect(device.reads).toBeGreaterThanOrEqual(1)
  })

  test.skipIf(!unified || !psi)('pressure of a group in which two loops share a quota (needs v2 and PSI)', async () => {
    const made = create(scratch())
    for (let count = 0; count < 4; count++) startIn(made, 'sh', '-c', 'while :; do :; done')
    await until('10 ms of waiting', () => (stat(made, ['pressure']).pressure?.cpu?.some?.totalMicros ?? 0) > 10_000)
    expect(Object.keys(stat(made, ['pressure']).pressure!)).toEqual(expect.arrayContaining(['cpu', 'memory', 'io']))
  })

  const huge = layout.mode === 'v2' && has('hugetlb')
  test.skipIf(!huge)('hugetlb by page size (needs v2 with the hugetlb controller)', () => {
    const made = create(scratch(), { limits: { hugetlbBytes: { '2MB': 4 * 2 ** 20 } } })
    expect(stat(made, ['hugetlb']).hugetlb!['2MB']).toMatchObject({ usageBytes: 0, limitBytes: 4 * 2 ** 20, limitHits: 0 })
  })

  test.skipIf(layout.mode !== 'v2' || !has('rdma'))('rdma without a device has no lines (needs v2 with the rdma controller)', () => {
    expect(stat(create(scratch(), { enable: ['rdma'] }), ['rdma'])).toEqual({ rdma: {} })
  })

  test('of the root group, too', () => {
    expect(stat(group(layout, '/'), ['cpu']).cpu!.usageNanos).toBeGreaterThan(0)
  })
})
