import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { child, create, limitWrites, oomKills, procs, read, setLimits, stat, type Limits } from './index.ts'
import { caught } from '../test/caught.ts'
import { cleanUp, disk, fileOnDisk, has, layout, leftovers, pause, scratch, startIn, unable, until } from '../test/scratch.ts'

const MiB = 2 ** 20
const swap = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1

describe.skipIf(unable)(`limits on ${layout.mode}${unable ? `: ${unable}` : ''}`, () => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  test.skipIf(!has('pids'))('pidsMax refuses the fork and counts it (needs the pids controller)', async () => {
    const group = create(scratch(), { limits: { pidsMax: 4 } })
    const shell = startIn(group, 'sh', '-c', 'for i in 1 2 3 4 5 6; do sleep 20 > /dev/null 2>&1 & done; echo all')
    const { code, output } = await shell.exit
    expect(output).toMatch(/[Cc]annot fork|Resource temporarily unavailable/)
    expect(code).not.toBe(0)
    const { pids } = stat(group, ['pids'])
    expect(pids).toMatchObject({ max: 4 })
    expect(pids!.refused).toBeGreaterThanOrEqual(1)
    // The shell is gone; the sleeps that it could start are still there.
    expect(procs(group).length).toBe(3)
  })

  test.skipIf(!has('memory'))('memoryBytes kills the process that needs more, and counts it (needs the memory controller)', async () => {
    const group = create(scratch(), { limits: { memoryBytes: 32 * MiB, memorySwapBytes: 32 * MiB } })
    expect(oomKills(group)).toBe(0)
    // tail must keep what may be the last line: 100 MiB without a newline.
    const { output } = await startIn(group, 'sh', '-c', 'head -c 100M /dev/zero | tail | wc -c; echo ended').exit
    expect(output).toContain('ended')
    expect(output).not.toContain('104857600')
    expect(oomKills(group)).toBeGreaterThanOrEqual(1)
    const { memory } = stat(group, ['memory'])
    expect(memory!.limitBytes).toBe(32 * MiB)
    // v2 has memory.peak since Linux 5.19.
    if (memory!.peakBytes !== undefined) {
      expect(memory!.peakBytes).toBeGreaterThan(28 * MiB)
      expect(memory!.peakBytes).toBeLessThanOrEqual(32 * MiB)
    }
  })

  test.skipIf(!has('memory'))('a process that needs less than memoryBytes lives (needs the memory controller)', async () => {
    const group = create(scratch(), { limits: { memoryBytes: 64 * MiB } })
    const { output } = await startIn(group, 'sh', '-c', 'head -c 20M /dev/zero | tail | wc -c').exit
    expect(output.trim()).toBe(String(20 * MiB))
    expect(oomKills(group)).toBe(0)
  })

  test.skipIf(!has('cpu'))('cpus is the share that a busy loop gets, and the rest is throttled (needs the cpu controller)', async () => {
    // The largest weight: its share is its own among the busy processes of a loaded machine.
    const group = create(scratch(), { limits: { cpus: 0.2, cpuWeight: 10_000 } })
    startIn(group, 'sh', '-c', 'while :; do :; done')
    // The first period may be paid from slack: measure after it. A loaded machine can only give less, so a low share is measured again;
    // the clock is read outermost, so that an interruption between two lines cannot make the share larger.
    let share = 0
    for (let attempt = 0; attempt < 8 && share < 0.17; attempt++) {
      await pause(300)
      const start = performance.now()
      const before = stat(group, ['cpu']).cpu!
      await pause(1500)
      const after = stat(group, ['cpu']).cpu!
      const end = performance.now()
      share = (after.usageNanos! - before.usageNanos!) / ((end - start) * 1e6)
    }
    expect(share).toBeGreaterThan(0.17)
    expect(share).toBeLessThan(0.23)
    const { cpu } = stat(group, ['cpu'])
    expect(cpu!.throttledPeriods).toBeGreaterThan(5)
    // About 80 ms of each period of 100 ms: shows that both versions' units come out as nanoseconds.
    expect(cpu!.throttledNanos! / cpu!.throttledPeriods!).toBeGreaterThan(20e6)
    expect(cpu!.throttledNanos! / cpu!.throttledPeriods!).toBeLessThan(200e6)
  })

  test.skipIf(!has('cpuset'))('cpusetCpus shows in the process (needs the cpuset controller)', () => {
    const group = create(scratch(), { limits: { cpusetCpus: '0' } })
    const { pid } = startIn(group, 'sleep', '20')
    expect(/^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]).toBe('0')
  })

  test.skipIf(!has('cpuset'))('a group without cpusetCpus has its parent\'s CPUs (needs the cpuset controller)', () => {
    const group = create(scratch())
    const { pid } = startIn(group, 'sleep', '20')
    const allowed = (id: number | 'self') => /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]
    expect(allowed(pid)).toBe(allowed(1 as number))
  })

  test.skipIf(!has('memory'))('memory and swap are raised and lowered together, whichever bounds the other (needs the memory controller)', () => {
    const group = create(scratch(), { limits: { memoryBytes: 32 * MiB, memorySwapBytes: 40 * MiB } })
    setLimits(group, { memoryBytes: 96 * MiB, memorySwapBytes: 128 * MiB })
    expect(stat(group, ['memory']).memory!.limitBytes).toBe(96 * MiB)
    setLimits(group, { memoryBytes: 16 * MiB, memorySwapBytes: 16 * MiB })
    expect(stat(group, ['memory']).memory!.limitBytes).toBe(16 * MiB)
    setLimits(group, { memoryBytes: 'max', memorySwapBytes: 'max' })
    expect(stat(group, ['memory']).memory!.limitBytes).toBe(null)
  })

  const v1Cpu = layout.hierarchies.some((each) => each.version === 1 && each.controllers.includes('cpu') && existsSync(`${each.mountpoint}/cpu.rt_runtime_us`))
  const v1Memory = layout.hierarchies.some((each) => each.version === 1 && each.controllers.includes('memory'))
  test.skipIf(!v1Memory || swap)('EBUSY: usage cannot be reclaimed below the limit (v1 memory; v2 kills instead; without swap)', async () => {
    const group = create(scratch(), { limits: { memoryBytes: 64 * MiB } })
    startIn(group, 'sh', '-c', '(head -c 20M /dev/zero; sleep 20) | tail')
    await until('20 MiB', () => stat(group, ['memory']).memory!.usageBytes >= 20 * MiB)
    const error = caught(() => setLimits(group, { memoryBytes: MiB }))
    expect(error).toMatchObject({ code: 'EBUSY', value: String(MiB), syscall: 'write' })
    expect(error.message).toMatch(/^Cannot set memory\.limit_in_bytes to 1048576: EBUSY\n/)
    expect(error.hint).toMatch(/^usage is \d+\.\d MiB \(peak \d+\.\d MiB\) and could not be reclaimed below 1\.0 MiB$/)
  })

  test.skipIf(!has('cpuset'))('a CPU that does not exist: the kernel\'s refusal says what there is (needs the cpuset controller)', () => {
    const group = create(scratch())
    const error = caught(() => setLimits(group, { cpusetCpus: '1000' }))
    expect(['EACCES', 'EINVAL', 'ERANGE']).toContain(error.code)
    expect(error.message).toContain('Cannot set cpuset.cpus to 1000')
    expect(error.hint).toMatch(/0/)
  })

  test.skipIf(!has('cpu') || !has('memory'))('every other limit is taken by the kernel as it is written (needs the cpu and memory controllers)', () => {
    const v1 = layout.hierarchies.some((each) => each.version === 1 && each.controllers.includes('memory'))
    const common: Limits = { cpus: 0.5, cpuBurstMicros: 10_000, cpuWeight: 50, memoryBytes: 64 * MiB, memoryReservationBytes: 32 * MiB }
    const limits: Limits = v1 ? { ...common, memorySwappiness: 10, memoryTcpBytes: MiB } : { ...common, memoryHighBytes: 48 * MiB, memoryMinBytes: MiB, memoryOomGroup: true }
    const group = create(scratch(), { limits })
    for (const { file, value } of limitWrites(layout, limits)) expect(read(group, file).trim(), file).toBe(value)
    const idle = create(scratch(), { limits: { cpuIdle: true } })
    expect(read(idle, 'cpu.idle')).toBe('1\n')
    setLimits(idle, { cpuIdle: false, cpuShares: 2048 })
    expect(read(idle, 'cpu.idle')).toBe('0\n')
  })

  const io = has('blkio') || has('io')
  test.skipIf(!io || !disk)('io limits slow a disk down (needs the blkio or io controller, and a disk)', async () => {
    const group = create(scratch(), { limits: { io: [{ device: disk!, readBytesPerSecond: 2 * MiB, writesPerSecond: 100 }] } })
    const file = fileOnDisk(3 * MiB)
    const start = performance.now()
    const { code } = await startIn(group, 'dd', `if=${file}`, 'of=/dev/null', 'bs=64k', 'iflag=direct').exit
    rmSync(dirname(file), { recursive: true })
    expect(code).toBe(0)
    // 3 MiB at 2 MiB a second: 1.5 s, less what the first slice of time lets through.
    expect(performance.now() - start).toBeGreaterThan(900)
    setLimits(group, { io: [{ device: disk!, readBytesPerSecond: 'max', writesPerSecond: 'max' }] })
    expect(read(group, has('blkio') ? 'blkio.throttle.read_bps_device' : 'io.max').trim()).toBe('')
  })

  test.skipIf(!io)('ENODEV: a device that is no disk (needs the blkio or io controller)', () => {
    const error = caught(() => create(scratch(), { limits: { io: [{ device: '999:0', readsPerSecond: 5 }] } }))
    expect(error).toMatchObject({ code: 'ENODEV', hint: '999:0 is no whole disk of this machine: limits of partitions do not exist (lsblk -d)' })
  })

  test.skipIf(!io)('ioWeight is a weight where the kernel has one, and the cause where not (needs the blkio or io controller)', () => {
    const group = create(scratch(), { enable: ['io'] })
    try {
      setLimits(group, { ioWeight: 200 })
      const files = ['io.weight', 'io.bfq.weight', 'blkio.bfq.weight'].filter((file) => group.places.some((place) => existsSync(`${place.directory}/${file}`)))
      expect(files.map((file) => read(group, file)).join()).toMatch(/\b200\b/)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOENT', hint: expect.stringMatching(/^weights (need blk-iocost|are the BFQ scheduler's)/) })
    }
  })

  test.skipIf(!v1Cpu)('real-time budgets, and EINVAL beyond the parent\'s (v1 with CONFIG_RT_GROUP_SCHED)', () => {
    const group = create(scratch(), { limits: { cpuRealtimePeriodMicros: 500_000, cpuRealtimeRuntimeMicros: 1000 } })
    expect([read(group, 'cpu.rt_period_us'), read(group, 'cpu.rt_runtime_us')]).toEqual(['500000\n', '1000\n'])
    const error = caught(() => setLimits(create(child(group, 'a')), { cpuRealtimeRuntimeMicros: 400_000 }))
    expect(error).toMatchObject({ code: 'EINVAL', hint: "all groups at one level share their parent's budget of real-time µs: 1000 in 500000 µs" })
  })

  const v2 = layout.mode === 'v2'
  test.skipIf(!v2 || !has('hugetlb'))('limits of huge pages; ENOENT: no such size (needs v2 with the hugetlb controller)', () => {
    const group = create(scratch(), { limits: { hugetlbBytes: { '2MB': 4 * MiB }, hugetlbReservedBytes: { '2MB': 4 * MiB } } })
    expect([read(group, 'hugetlb.2MB.max'), read(group, 'hugetlb.2MB.rsvd.max')]).toEqual([`${4 * MiB}\n`, `${4 * MiB}\n`])
    expect(caught(() => setLimits(group, { hugetlbBytes: { '3MB': 0 } }))).toMatchObject({ code: 'ENOENT', hint: 'this machine has no huge pages of that size (/sys/kernel/mm/hugepages)' })
  })

  test.skipIf(!v2 || !has('rdma'))('ENODEV: no such RDMA device (needs v2 with the rdma controller)', () => {
    const error = caught(() => create(scratch(), { limits: { rdma: { mlx99: { handles: 2 } } } }))
    expect(error).toMatchObject({ code: 'ENODEV', hint: 'there is no RDMA device mlx99 (/sys/class/infiniband)' })
  })

  test.skipIf(!v2 || !has('misc'))('EINVAL: a resource that is not counted (needs v2 with the misc controller)', () => {
    const error = caught(() => create(scratch(), { limits: { misc: { nothing: 2 } } }))
    expect(error).toMatchObject({ code: 'EINVAL', hint: 'the kernel does not count nothing on this machine (misc.capacity of the root group)' })
  })

  test.skipIf(!has('pids'))('ENOENT: no such group (needs the pids controller)', () => {
    const error = caught(() => setLimits(scratch(), { pidsMax: 5 }))
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'open' })
    expect(error.hint).toBe('the group does not exist in this hierarchy')
  })
})
