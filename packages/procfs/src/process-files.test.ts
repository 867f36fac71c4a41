import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAutogroup } from './autogroup.ts'
import { parseAuxv } from './auxv.ts'
import { parseCoredumpFilter } from './coredump_filter.ts'
import { parseFdInfo } from './fdinfo.ts'
import { fixture, fixtureBytes, hasVectors, prometheus, vector } from './fixtures/fixture.ts'
import { parseIo } from './io.ts'
import { parseMounts } from './mounts.ts'
import { parseNumaMaps } from './numa_maps.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { parseSched } from './sched.ts'
import { parseSmaps } from './smaps.ts'
import { parseSmapsRollup } from './smaps_rollup.ts'
import { parseStat } from './stat.ts'
import { parseStatus } from './status.ts'
import { parseSyscall } from './syscall.ts'
import { parseTimensOffsets } from './timens_offsets.ts'

describe('smaps', () => {
  test('captured, every line has a field', () => {
    const mappings = parseSmaps(fixture('process/smaps'))
    expect(mappings.map(({ pathname }) => pathname)).toEqual(['/usr/bin/sleep', '/usr/bin/sleep', '[heap]', '[vdso]', '[stack]'])
    expect(mappings[1]).toMatchObject({
      execute: true, sizeBytes: 20480, kernelPageSizeBytes: 4096, rssBytes: 20480, pssBytes: 5120, sharedCleanBytes: 20480, thpEligible: false, vmFlags: ['rd', 'ex', 'mr', 'mw', 'me'],
    })
    expect(mappings.every(({ unknown }) => Object.keys(unknown).length === 0)).toBe(true)
  })

  test('a line that is not known is kept; one that is malformed or missing is an error', () => {
    const text = fixture('process/smaps')
    const [first] = parseSmaps(text.replace(/^Locked:/m, 'NewThing:'))
    expect(first!.unknown).toEqual(Object.assign(Object.create(null), { NewThing: '0 kB' }))
    expect(() => parseSmaps(text.replace(/^Rss:.*\n/m, ''))).toThrow('a line for Rss before the end of the mapping')
    expect(() => parseSmaps(text.replace(/^Rss:.*kB/m, 'Rss: 8'))).toThrow('smaps line 5: expected a size in kB')
    expect(() => parseSmaps('Rss: 8 kB\n')).toThrow('the line of a mapping')
    expect(() => parseSmaps(text.slice(0, 130))).toThrow(ProcParseError)
    expect(parseSmaps('')).toEqual([])
  })

  // The sums are those of the same commit's proc_smaps_test.go.
  test.skipIf(!hasVectors('prometheus-procfs'))('sums to the rollup of prometheus/procfs (needs its fixtures)', () => {
    const mappings = parseSmaps(prometheus('26231/smaps'))
    const rollup = parseSmapsRollup(prometheus('26231/smaps_rollup'))
    expect(rollup).toMatchObject({ rssBytes: 29948 * 1024, pssBytes: 29944 * 1024, privateDirtyBytes: 14396 * 1024, swapBytes: 1940 * 1024 })
    for (const field of ['rssBytes', 'pssBytes', 'sharedCleanBytes', 'privateCleanBytes', 'privateDirtyBytes', 'anonymousBytes', 'swapBytes', 'swapPssBytes'] as const) {
      expect([field, mappings.reduce((sum, mapping) => sum + (mapping[field] ?? 0), 0)]).toEqual([field, rollup[field]])
    }
  })

  test.skipIf(!hasVectors('gopsutil-proc'))('of gopsutil: made by hand, and the first mapping has no Pss (needs its fixtures)', () => {
    const text = readFileSync(vector('gopsutil-proc/files/process/testdata/linux/1/smaps'), 'utf8')
    expect(() => parseSmaps(text)).toThrow('smaps line 11: expected a line for Pss before the end of the mapping')
    expect(parseSmaps(text.split('\n').slice(11, 22).join('\n'))).toMatchObject([{ sizeBytes: 1024, pssBytes: 2048, swapBytes: 9 * 1024, lazyFreeBytes: 0 }])
  })
})

test('numa_maps', () => {
  const mappings = parseNumaMaps(fixture('process/numa_maps'))
  expect(mappings[0]).toMatchObject({ policy: 'default', file: '/usr/bin/sleep', huge: false, kernelPageSizeBytes: 4096 })
  expect(mappings.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['heap', 'stack']))
  expect(parseNumaMaps('7f00 bind=static:0-1 file=/a\\040b\\012c huge anon=3 dirty=2 N0=1 N11=2 kernelpagesize_kB=2048\n')[0]).toEqual({
    start: 0x7f00n, policy: 'bind=static:0-1', file: '/a b\nc', huge: true, nodes: new Map([[0, 1], [11, 2]]), kernelPageSizeBytes: 2 ** 21,
    pages: Object.assign(Object.create(null), { anon: 3, dirty: 2 }),
  })
  expect(() => parseNumaMaps('7f00\n')).toThrow('an address and a policy')
  expect(() => parseNumaMaps('7f00 default nonsense\n')).toThrow('heap, stack, huge')
})

describe('auxv', () => {
  test('captured', () => {
    const values = new Map(parseAuxv(fixtureBytes('process/auxv')).map(({ name, value }) => [name, value]))
    expect(values.get('AT_PAGESZ')).toBe(4096n)
    expect(values.get('AT_CLKTCK')).toBe(100n)
    expect([...values.keys()].filter((name) => /\d/.test(name.slice(3)) && !name.startsWith('AT_HWCAP'))).toEqual([])
  })

  const words = (size: 4 | 8, little: boolean, ...list: bigint[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(size * list.length))
    list.forEach((word, index) => (size === 8 ? view.setBigUint64(index * 8, word, little) : view.setUint32(index * 4, Number(word), little)))
    return new Uint8Array(view.buffer)
  }

  test('of 32 bits, of the other byte order, of types that are not known', () => {
    expect(parseAuxv(words(4, true, 6n, 4096n, 3n, 0xffff0000n, 0n, 0n))).toEqual([{ name: 'AT_PAGESZ', type: 6, value: 4096n }, { name: 'AT_PHDR', type: 3, value: 0xffff0000n }])
    expect(parseAuxv(words(8, false, 6n, 4096n, 0n, 0n), 'auxv', { endianness: 'BE' })).toMatchObject([{ name: 'AT_PAGESZ' }])
    expect(parseAuxv(words(8, true, 999n, 2n ** 64n - 1n, 0n, 0n))).toEqual([{ name: 'AT_999', type: 999, value: 2n ** 64n - 1n }])
    expect(parseAuxv(new Uint8Array())).toEqual([])
  })

  test('cut off', () => {
    expect(() => parseAuxv(words(8, true, 6n, 4096n))).toThrow('pairs of words that end in AT_NULL')
    expect(() => parseAuxv(words(4, true, 6n, 4096n, 0n), 'auxv', { wordBytes: 8 })).toThrow(ProcParseError)
    expect(() => parseAuxv(Uint8Array.of(1, 2, 3))).toThrow('"010203"')
  })
})

test('syscall', () => {
  expect(parseSyscall(fixture('process/syscall'))).toMatchObject({ kind: 'syscall', number: 230, args: [0n, 0n, expect.any(BigInt), expect.any(BigInt), 0n, 0n] })
  expect(parseSyscall('running\n')).toEqual({ kind: 'running' })
  expect(parseSyscall('-1 0x7ffd 0x7f00\n')).toEqual({ kind: 'blocked', stackPointer: 0x7ffdn, programCounter: 0x7f00n })
  for (const text of ['', '0', '0 0x1 0x2', '1 2 3', '-1 0x1', 'x 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8']) expect(() => parseSyscall(text)).toThrow(ProcParseError)
})

test('autogroup, coredump_filter, timens_offsets', () => {
  expect(parseAutogroup('/autogroup-4 nice -5\n')).toEqual({ id: 4, nice: -5 })
  expect(parseAutogroup('')).toBeUndefined()
  expect(() => parseAutogroup('/autogroup-x nice 0\n')).toThrow('/autogroup-N nice N')
  expect(parseCoredumpFilter('00000033\n')).toEqual(['anonymous-private', 'anonymous-shared', 'elf-headers', 'huge-private'])
  expect(parseCoredumpFilter('80000000\n')).toEqual(['bit_31'])
  expect(parseCoredumpFilter('')).toEqual([])
  expect(() => parseCoredumpFilter('z\n')).toThrow('a hexadecimal number')
  expect(parseTimensOffsets('monotonic          86400         5\nboottime              -1 999999999\n')).toEqual({ monotonicNanos: 86400000000005n, boottimeNanos: -1n })
  expect(() => parseTimensOffsets('monotonic 0 0\n')).toThrow('monotonic and boottime')
})

test('sched: captured, and a name that looks like a heading', () => {
  const sched = parseSched(fixture('process/sched'))
  expect(sched).toMatchObject({ comm: 'sleep', threads: 1 })
  expect(sched.values).toMatchObject({ policy: 0, prio: 120, 'clock-delta': expect.any(Number) })
  expect(sched.values['se.exec_start']).toBeGreaterThan(1)
  const hostile = fixture('process/sched').replace(/^sleep /, 'a (1, #threads: 9)\nb ')
  expect(parseSched(hostile)).toMatchObject({ comm: 'a (1, #threads: 9)\nb', pid: sched.pid })
  expect(() => parseSched('')).toThrow('a line of dashes')
})

test('mounts: escapes, an empty source, blanks in options', () => {
  expect(parseMounts('a\\040b /m\\011n\\012\\134 fuse.x\\043 rw,opt=a\\054b 0 0\n /e tmpfs rw 0 0\ndrvfs /c 9p rw,path=C:\\Program Files;x 0 0\n')).toEqual([
    { source: 'a b', mountPoint: '/m\tn\n\\', fsType: 'fuse.x#', options: ['rw', 'opt=a,b'] },
    { source: '', mountPoint: '/e', fsType: 'tmpfs', options: ['rw'] },
    { source: 'drvfs', mountPoint: '/c', fsType: '9p', options: ['rw', 'path=C:\\Program Files;x'] },
  ])
  expect(() => parseMounts('a /b c\n')).toThrow('mounts line 1')
})

describe('fdinfo', () => {
  const with_ = (lines: string) => parseFdInfo(`pos:\t0\nflags:\t02000002\nmnt_id:\t16\n${lines}`)

  test('eventfd: of kernels old and new', () => {
    expect(with_('eventfd-count:                2a\neventfd-id: 7\neventfd-semaphore: 1\n').eventfd).toEqual({ count: 42n, id: 7, semaphore: true })
    expect(with_('eventfd-count: ffffffffffffffff\n').eventfd).toEqual({ count: 2n ** 64n - 1n })
    expect(() => with_('eventfd-id: 7\n')).toThrow('a line with count of the eventfd')
  })

  test('epoll', () => {
    expect(with_('tfd:        5 events:       19 data:                5  pos:0 ino:61 sdev:b\ntfd:        6 events: 80000001 data: ffffffffffffffff  pos:-1 ino:ffffffffffffffff sdev:fe00003\n').epoll).toEqual([
      { fd: 5, events: 0x19, data: 5n, posBytes: 0n, inode: 0x61n, device: { major: 0, minor: 11 } },
      { fd: 6, events: 0x80000001, data: 2n ** 64n - 1n, posBytes: -1n, inode: 2n ** 64n - 1n, device: { major: 254, minor: 3 } },
    ])
    expect(with_('tfd:        5 events:       19 data:                5\n').epoll).toEqual([{ fd: 5, events: 0x19, data: 5n }])
    expect(() => with_('tfd: x\n')).toThrow('line 4: expected tfd')
  })

  test('timerfd, signalfd, locks', () => {
    expect(with_('clockid: 7\nticks: 3\nsettime flags: 01\nit_value: (1, 500000000)\nit_interval: (0, 0)\n').timerfd).toEqual({
      clockId: 7, ticks: 3, settimeFlags: 1, valueNanos: 1500000000n, intervalNanos: 0n,
    })
    expect(() => with_('clockid: 7\n')).toThrow('a line with ticks of the timerfd')
    expect(() => with_('it_value: 1\n')).toThrow('(seconds, nanoseconds)')
    expect(with_('sigmask:\t0000000000004002\n').signalfd).toEqual({ mask: ['SIGINT', 'SIGTERM'] })
    expect(with_('lock:\t1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF\n').locks).toMatchObject([{ type: 'FLOCK', pid: 359, file: { inode: 11691n } }])
    expect(() => with_('lock:\t1: FLOCK\n')).toThrow('line 4')
  })

  test('inotify without handles', () => {
    expect(with_('inotify wd:1 ino:2e0001 sdev:fd00000 mask:fce ignored_mask:0 \n').inotify).toEqual([{ wd: 1, inode: 0x2e0001n, device: { major: 253, minor: 0 }, mask: 0xfce }])
    expect(() => with_('inotify wd:x\n')).toThrow('wd, ino, sdev and mask')
  })
})

// The values are those of the same commit's proc_*_test.go.
test.skipIf(!hasVectors('prometheus-procfs'))('the process of prometheus/procfs (needs its fixtures)', () => {
  expect(parseStat(prometheus('26231/stat'))).toMatchObject({
    pid: 26231, comm: 'vim', utimeTicks: 1677, stimeTicks: 44, starttimeTicks: 82375, vsizeBytes: 56274944, rssPages: 1981, rsslimBytes: 18446744073709551615n,
    startcode: 4194304n, endcode: 6294284n, startstack: 140736914091744n, delayacctBlkioTicks: 31, processor: 0, rtPriority: 0, policy: 0,
  })
  expect(parseStat(prometheus('26232/stat'))).toMatchObject({ cutimeTicks: -(2 ** 63), cstimeTicks: 2 ** 63 })
  expect(parseStat(prometheus('584/stat')).comm).toBe('(a b ) ( c d) ')
  const KIB = 1024
  expect(parseStatus(prometheus('26231/status').trimStart())).toMatchObject({
    name: 'prometheus', pid: 26231, vmPeakBytes: 58472 * KIB, vmSizeBytes: 58440 * KIB, vmHwmBytes: 8028 * KIB, vmRssBytes: 6716 * KIB, rssAnonBytes: 2092 * KIB,
    rssFileBytes: 4624 * KIB, vmDataBytes: 2580 * KIB, vmStkBytes: 136 * KIB, vmExeBytes: 948 * KIB, vmLibBytes: 6816 * KIB, vmPteBytes: 128 * KIB, vmSwapBytes: 660 * KIB,
    voluntaryCtxtSwitches: 4742839, nonvoluntaryCtxtSwitches: 1727500, uid: { real: 1000, effective: 1000, saved: 1000, fs: 0 }, cpusAllowedList: [0, 1, 2, 3, 4, 5, 6, 7],
  })
  expect(parseIo(prometheus('26231/io'))).toMatchObject({ rcharBytes: 750339, wcharBytes: 818609, syscr: 7405, syscw: 5245, readBytes: 1024, writeBytes: 2048 })
})
