import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseBuddyinfo } from './buddyinfo.ts'
import { parseCgroups } from './cgroups.ts'
import { parseCpuinfo } from './cpuinfo.ts'
import { parseDevices } from './devices.ts'
import { parseDiskstats } from './diskstats.ts'
import { fixture, hasVectors, prometheus, vector } from './fixtures/fixture.ts'
import { parseInterrupts, parseSoftirqs } from './interrupts.ts'
import { parseKernelCmdline } from './kernel-cmdline.ts'
import { parseLocks } from './locks.ts'
import { parseModules } from './modules.ts'
import { parsePartitions } from './partitions.ts'
import { parseSlabinfo } from './slabinfo.ts'
import { parseSwaps } from './swaps.ts'
import { parseVersion } from './version.ts'
import { parseVmstat } from './vmstat.ts'
import { parseZoneinfo } from './zoneinfo.ts'

describe('cpuinfo', () => {
  test('x86: captured, every line has a field', () => {
    const { processors, machine } = parseCpuinfo(fixture('system/cpuinfo'))
    expect(machine).toEqual({})
    expect(processors[0]).toMatchObject({
      processor: 0, vendorId: 'AuthenticAMD', cpuFamily: 25, model: '17', modelName: 'AMD EPYC', stepping: '1', mhz: 2596.13, cacheBytes: 2 ** 20, siblings: 2,
      cpuCores: 2, fpu: true, bogomips: 5192.26, clflushBytes: 64, addressSizes: { physicalBits: 48, virtualBits: 48 }, powerManagement: [], unknown: {},
    })
    expect(processors[0]!.flags).toContain('avx2')
    expect(processors[1]?.processor).toBe(1)
  })

  // The form of arch/arm64/kernel/cpuinfo.c, arch/arm/kernel/setup.c and arch/riscv/kernel/cpu.c.
  test('arm64', () => {
    const block = (cpu: number) => `processor\t: ${cpu}\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n`
    expect(parseCpuinfo(block(0) + block(1)).processors[1]).toEqual({
      processor: 1, bogomips: 50, flags: ['fp', 'asimd'], implementer: 0x41, architecture: '8', variant: 3, part: 0xd0c, revision: 1, unknown: {},
    })
  })

  test('arm, of an old and of a new kernel: what is of no processor is of the machine', () => {
    const old = 'Processor\t: ARMv7 Processor rev 5 (v7l)\nprocessor\t: 0\nBogoMIPS\t: 2400.00\n\nprocessor\t: 1\nBogoMIPS\t: 2400.00\n\nFeatures\t: swp half\nCPU part\t: 0xc07\n\nHardware\t: board\nSerial\t\t: 00ff\n'
    expect(parseCpuinfo(old)).toEqual({
      processors: [{ processor: 0, bogomips: 2400, unknown: {} }, { processor: 1, bogomips: 2400, unknown: {} }],
      machine: { Processor: 'ARMv7 Processor rev 5 (v7l)', Features: 'swp half', 'CPU part': '0xc07', Hardware: 'board', Serial: '00ff' },
    })
  })

  test('riscv, and a line that is not known', () => {
    expect(parseCpuinfo('processor\t: 2\nhart\t\t: 1\nisa\t\t: rv64imafdc_zicsr\nmmu\t\t: sv48\nuarch\t\t: sifive,u74\nmvendorid\t: 0x489\nmarchid\t\t: 0x8000000000000007\nmimpid\t\t: 0x4210427\nnew\t: thing\n').processors).toEqual([{
      processor: 2, hart: 1, isa: 'rv64imafdc_zicsr', mmu: 'sv48', uarch: 'sifive,u74', mvendorid: 0x489, marchid: 0x8000000000000007, mimpid: 0x4210427, unknown: { new: 'thing' },
    }])
  })

  test('s390x', () => {
    const { processors, machine } = parseCpuinfo('vendor_id       : IBM/S390\nprocessor 0: version = FF,  identification = 2733E8,  machine = 2964\n\ncpu number      : 0\nphysical id     : 2\ncpu MHz static  : 5000\n\n')
    expect(processors).toEqual([{ processor: 0, physicalId: 2, unknown: { 'cpu MHz static': '5000' } }])
    expect(machine).toMatchObject({ vendor_id: 'IBM/S390' })
  })

  test('malformed values name the line', () => {
    expect(() => parseCpuinfo('processor : 0\ncpu MHz : fast\n')).toThrow('cpuinfo line 2: expected a decimal fraction')
    expect(() => parseCpuinfo('processor : 0\nfpu : maybe\n')).toThrow('yes or no')
    expect(() => parseCpuinfo('processor : 0\ncache size : 1 MB\n')).toThrow('a size in KB')
    expect(() => parseCpuinfo('processor : 0\naddress sizes : many\n')).toThrow('bits physical')
    expect(() => parseCpuinfo('processor\n')).toThrow('key : value')
  })

  test.skipIf(!hasVectors('prometheus-procfs'))('the eight processors of prometheus/procfs (needs its fixtures)', () => {
    const { processors } = parseCpuinfo(prometheus('cpuinfo'))
    expect(processors).toHaveLength(8)
    expect(processors[0]).toMatchObject({ vendorId: 'GenuineIntel', modelName: 'Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz', mhz: 799.998, cpuCores: 4, siblings: 8, apicid: 0 })
    expect(processors[7]).toMatchObject({ coreId: 3, apicid: 7 })
    expect(processors.every(({ unknown }) => Object.keys(unknown).length === 0)).toBe(true)
  })

  test.skipIf(!hasVectors('gopsutil-proc'))('the machines of gopsutil (needs its fixtures)', () => {
    for (const machine of ['1037', '1958']) {
      const { processors } = parseCpuinfo(readFileSync(vector(`gopsutil-proc/files/cpu/testdata/linux/${machine}/proc/cpuinfo`), 'utf8'))
      expect(processors.length).toBeGreaterThan(0)
    }
  })
})

test('vmstat', () => {
  expect(parseVmstat(fixture('system/vmstat')).nr_free_pages).toBeGreaterThan(0)
  expect(Object.entries(parseVmstat('oom_kill 2\n__proto__ 3\n'))).toEqual([['oom_kill', 2], ['__proto__', 3]])
  expect(() => parseVmstat('a 1\nb\n')).toThrow('vmstat line 2: expected a name and a value')
})

test('diskstats: of Linux 6.18, of one without flushes, of one without discards', () => {
  const [, , disk] = parseDiskstats(fixture('system/diskstats').split('\n').slice(0, 1).join('\n') + '\n' + fixture('system/diskstats'))
  expect(disk).toMatchObject({ major: 254, name: 'vda', inFlight: 0 })
  expect(parseDiskstats(' 8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n')[0]).toEqual({
    major: 8, minor: 0, name: 'sda', read: { completed: 1, merged: 2, bytes: 1536, millis: 4 }, write: { completed: 5, merged: 6, bytes: 3584, millis: 8 },
    inFlight: 9, ioMillis: 10, weightedMillis: 11, discard: { completed: 12, merged: 13, bytes: 7168, millis: 15 }, flush: { completed: 16, millis: 17 },
  })
  expect(parseDiskstats(' 8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n')[0]).not.toHaveProperty('discard')
  expect(() => parseDiskstats(' 8 0 sda 1 2 3\n')).toThrow('eleven counters')
})

test('partitions, swaps', () => {
  expect(parsePartitions('major minor  #blocks  name\n\n 254        0  268435456 vda\n')).toEqual([{ major: 254, minor: 0, bytes: 2 ** 38, name: 'vda' }])
  expect(parsePartitions('')).toEqual([])
  expect(() => parsePartitions('254 0 1 vda\n')).toThrow('"major"')
  const heading = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
  expect(parseSwaps(heading)).toEqual([])
  expect(parseSwaps(`${heading}/a\\040b\\040(deleted)                               file\t\t131068\t\t176\t\t-2\n`)).toEqual([
    { filename: '/a b (deleted)', type: 'file', sizeBytes: 131068 * 1024, usedBytes: 176 * 1024, priority: -2 },
  ])
  expect(() => parseSwaps('')).toThrow('"Filename"')
})

test('devices, modules', () => {
  const { character, block } = parseDevices(fixture('system/devices'))
  expect(character).toContainEqual({ major: 1, name: 'mem' })
  expect(block).toContainEqual({ major: 254, name: 'virtblk' })
  expect(() => parseDevices('  1 mem\n')).toThrow('the heading of a section')
  expect(parseModules('nft_chain 16384 2 a,b, Live 0xffffffffc0a00000 (OE)\nx 1 - - Unloading 0x0\ny 1 1 [permanent], Live 0x0\n')).toEqual([
    { name: 'nft_chain', bytes: 16384, references: 2, usedBy: ['a', 'b'], permanent: false, state: 'Live', address: 0xffffffffc0a00000n, taints: 'OE' },
    { name: 'x', bytes: 1, usedBy: [], permanent: false, state: 'Unloading', address: 0n, taints: '' },
    { name: 'y', bytes: 1, references: 1, usedBy: [], permanent: true, state: 'Live', address: 0n, taints: '' },
  ])
  expect(() => parseModules('x 1 0 - Dead 0x0\n')).toThrow('Live, Loading or Unloading')
})

test('interrupts and softirqs', () => {
  const interrupts = parseInterrupts(fixture('system/interrupts'))
  expect(interrupts.find(({ name }) => name === '26')).toMatchObject({ description: 'IO-APIC 4-edge ttyS0' })
  expect(interrupts.find(({ name }) => name === 'LOC')).toMatchObject({ description: 'Local timer interrupts' })
  expect([...interrupts.find(({ name }) => name === 'ERR')!.counts.keys()]).toEqual([0])
  // A processor that is offline has no column.
  expect([...parseInterrupts('            CPU0       CPU2\n  1:          5          6   chip\n')[0]!.counts]).toEqual([[0, 5], [2, 6]])
  expect(parseSoftirqs(fixture('system/softirqs'))).toHaveLength(10)
  expect(() => parseInterrupts('')).toThrow('a heading of CPU0')
  expect(() => parseInterrupts('CPU0\n 1: x\n')).toThrow('interrupts line 2: expected a count')
})

test('buddyinfo, zoneinfo', () => {
  expect(parseBuddyinfo(fixture('system/buddyinfo')).map(({ zone, free }) => [zone, free.length])).toEqual([['DMA', 11], ['DMA32', 11], ['Normal', 11]])
  expect(() => parseBuddyinfo('Node 0, zone\n')).toThrow('Node n, zone name and counts')
  const zones = parseZoneinfo(fixture('system/zoneinfo'))
  expect(zones.map(({ zone }) => zone)).toEqual(['DMA', 'DMA32', 'Normal', 'Movable', 'Device'])
  expect(zones[0]!.perNode).toHaveProperty('nr_inactive_anon')
  expect(zones[0]!.pages).toMatchObject({ min: 29, low: 36, high: 43, spanned: 4095, managed: 3840 })
  expect(zones[0]!.protection).toHaveLength(5)
  expect(zones[0]!.stats).toHaveProperty('nr_free_pages')
  expect([...zones[2]!.pagesets.keys()]).toEqual([0, 1])
  expect(zones[2]!.pagesets.get(1)).toMatchObject({ batch: 63 })
  expect(zones[2]!.other).toMatchObject({ start_pfn: 1048576 })
  expect(() => parseZoneinfo('pages free 1\n')).toThrow('Node n, zone name')
})

test('slabinfo', () => {
  expect(parseSlabinfo(fixture('system/slabinfo'))[0]).toEqual({ name: 'btrfs_delayed_node', activeObjects: 0, objects: 0, objectBytes: 312, objectsPerSlab: 13, pagesPerSlab: 1, activeSlabs: 0, slabs: 0 })
  expect(() => parseSlabinfo('slabinfo - version: 1.1\n')).toThrow('slabinfo of version 2')
  expect(() => parseSlabinfo('slabinfo - version: 2.1\nx 1 2\n')).toThrow('line 2')
})

test('locks: held, waiting, of an open file description, a lease, without a file', () => {
  expect(parseLocks('1: POSIX  ADVISORY  WRITE 28701 fe:00:15089667 10 19\n1: -> POSIX  ADVISORY  READ 5 fe:00:15089667 0 EOF\n2: OFDLCK ADVISORY  READ -1 08:01:18446744073709551615 0 EOF\n3: LEASE  BREAKING  READ 7 00:1a:3 0 EOF\n4: FLOCK  ADVISORY  WRITE 0 <none>:0 0 EOF\n')).toEqual([
    { id: 1, waits: false, type: 'POSIX', mode: 'ADVISORY', access: 'WRITE', pid: 28701, file: { major: 254, minor: 0, inode: 15089667n }, startBytes: 10n, endBytes: 19n },
    { id: 1, waits: true, type: 'POSIX', mode: 'ADVISORY', access: 'READ', pid: 5, file: { major: 254, minor: 0, inode: 15089667n }, startBytes: 0n },
    { id: 2, waits: false, type: 'OFDLCK', mode: 'ADVISORY', access: 'READ', pid: -1, file: { major: 8, minor: 1, inode: 2n ** 64n - 1n }, startBytes: 0n },
    { id: 3, waits: false, type: 'LEASE', mode: 'BREAKING', access: 'READ', pid: 7, file: { major: 0, minor: 26, inode: 3n }, startBytes: 0n },
    { id: 4, waits: false, type: 'FLOCK', mode: 'ADVISORY', access: 'WRITE', pid: 0, startBytes: 0n },
  ])
  expect(() => parseLocks('1: POSIX\n')).toThrow('locks line 1')
})

test('cgroups', () => {
  expect(parseCgroups('#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t33\t1\nrdma\t0\t1\t0\n')).toEqual([
    { name: 'memory', hierarchy: 4, groups: 33, enabled: true }, { name: 'rdma', hierarchy: 0, groups: 1, enabled: false },
  ])
  expect(() => parseCgroups('')).toThrow('"#subsys_name"')
})

test('version', () => {
  expect(parseVersion('Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld 2.40) #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)\n')).toEqual({
    release: '6.1.0-18-amd64', builder: 'debian-kernel@lists.debian.org', compiler: 'gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld 2.40',
    version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)',
  })
  expect(parseVersion('Linux version 5.0 (a@b #1 SMP\n')).toEqual({ release: '5.0', version: '#1 SMP' })
  expect(() => parseVersion('Darwin\n')).toThrow('Linux version')
})

test('the command line of the kernel', () => {
  expect(parseKernelCmdline('BOOT_IMAGE=/vmlinuz root=UUID=4 ro  quiet dyndbg="file a +p" "x=1 2" -- single "a b"\n')).toEqual({
    parameters: [
      { name: 'BOOT_IMAGE', value: '/vmlinuz' }, { name: 'root', value: 'UUID=4' }, { name: 'ro' }, { name: 'quiet' }, { name: 'dyndbg', value: 'file a +p' }, { name: 'x', value: '1 2' },
    ],
    init: ['single', '"a b"'],
  })
  expect(parseKernelCmdline('')).toEqual({ parameters: [], init: [] })
})

// The values are those of the same commit's *_test.go.
describe.skipIf(!hasVectors('prometheus-procfs'))('the machine of prometheus/procfs (needs its fixtures)', () => {
  test('buddyinfo, swaps, slabinfo, softirqs, cmdline', () => {
    const areas = parseBuddyinfo(prometheus('buddyinfo'))
    expect([areas[0]!.zone, areas[2]!.zone, areas[2]!.free[0], areas[1]!.free[1]]).toEqual(['DMA', 'Normal', 4381, 572])
    expect(parseSwaps(prometheus('swaps'))).toEqual([{ filename: '/dev/dm-2', type: 'partition', sizeBytes: 131068 * 1024, usedBytes: 176 * 1024, priority: -2 }])
    const slabs = parseSlabinfo(prometheus('slabinfo'))
    expect(slabs).toHaveLength(300)
    expect(slabs[0]).toMatchObject({ name: 'pid_3', activeObjects: 375, objects: 532, objectBytes: 576, objectsPerSlab: 28, pagesPerSlab: 4, activeSlabs: 19, slabs: 19 })
    expect([...parseSoftirqs(prometheus('softirqs')).find(({ name }) => name === 'TIMER')!.counts.values()]).toEqual([2776180, 247490])
    expect(parseKernelCmdline(prometheus('cmdline')).parameters).toEqual([
      { name: 'BOOT_IMAGE', value: '/vmlinuz-5.11.0-22-generic' }, { name: 'root', value: 'UUID=456a0345-450d-4f7b-b7c9-43e3241d99ad' }, { name: 'ro' }, { name: 'quiet' }, { name: 'splash' }, { name: 'vt.handoff', value: '7' },
    ])
  })

  test('interrupts', () => {
    const interrupts = parseInterrupts(prometheus('interrupts'))
    const of = (name: string) => { const { counts, description } = interrupts.find((each) => each.name === name)!; return [[...counts.values()], description] }
    expect(interrupts).toHaveLength(47)
    expect(of('0')).toEqual([[49, 0, 0, 0], 'IO-APIC 2-edge timer'])
    expect(of('PIW')).toEqual([[0, 0, 0, 0], 'Posted-interrupt wakeup event'])
    expect(of('LOC')).toEqual([[10196, 7429, 8542, 8229], 'Local timer interrupts'])
    expect(of('ERR')).toEqual([[0], ''])
  })

  test('zoneinfo', () => {
    const zones = parseZoneinfo(prometheus('zoneinfo'))
    expect(zones.map(({ zone, pages, stats, protection }) => [zone, pages['min'], pages['low'], pages['high'], pages['spanned'], stats['nr_free_pages'], protection[2]])).toEqual([
      ['DMA', 33, 41, 49, 4095, 3952, 7826], ['DMA32', 19510, 21059, 22608, 1044480, 204252, 4949], ['Normal', 11176, 13842, 16508, 1308160, 18553, 0],
      ['Movable', 0, 0, 0, 0, undefined, 0], ['Device', 0, 0, 0, 0, undefined, 0],
    ])
    expect(zones[0]!.perNode).toMatchObject({ nr_inactive_anon: 230981 })
    expect(zones[1]!.perNode).toBeUndefined()
  })

  test('diskstats', () => {
    const disks = parseDiskstats(prometheus('diskstats'))
    expect(disks).toHaveLength(52)
    expect(disks[0]!.name).toBe('ram0')
    expect(disks[24]!.write.completed).toBe(28444756)
    expect(disks[48]!.discard!.millis).toBe(11130)
    expect(disks[48]).not.toHaveProperty('flush')
    expect(disks[49]!.flush).toEqual({ completed: 127, millis: 182 })
  })
})
