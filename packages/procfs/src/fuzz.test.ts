import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAutogroup } from './autogroup.ts'
import { parseAuxv } from './auxv.ts'
import { parseBuddyinfo } from './buddyinfo.ts'
import { parseCgroup } from './cgroup.ts'
import { parseCgroups } from './cgroups.ts'
import { parseCmdline } from './cmdline.ts'
import { parseCoredumpFilter } from './coredump_filter.ts'
import { parseCpuinfo } from './cpuinfo.ts'
import { parseDevices } from './devices.ts'
import { parseDiskstats } from './diskstats.ts'
import { parseEnviron } from './environ.ts'
import { parseFdTarget } from './fd.ts'
import { parseFdInfo } from './fdinfo.ts'
import { parseFilesystems } from './filesystems.ts'
import { fixture } from './fixtures/fixture.ts'
import * as index from './index.ts'
import { parseInterrupts, parseSoftirqs } from './interrupts.ts'
import { parseIo } from './io.ts'
import { parseKernelCmdline } from './kernel-cmdline.ts'
import { parseLimits } from './limits.ts'
import { parseLoadavg } from './loadavg.ts'
import { parseLocks } from './locks.ts'
import { parseMaps } from './maps.ts'
import { parseMeminfo } from './meminfo.ts'
import { parseModules } from './modules.ts'
import { parseMountinfo } from './mountinfo.ts'
import { parseMounts } from './mounts.ts'
import { parseArp } from './net/arp.ts'
import { parseNetSnmp, parseNetSnmp6, parseSockstat } from './net/counters.ts'
import { parseNetDev } from './net/dev.ts'
import { parseIfInet6 } from './net/if_inet6.ts'
import { parseInetSockets } from './net/inet-socket.ts'
import { parseNetlinkSockets } from './net/netlink.ts'
import { parsePacketSockets } from './net/packet.ts'
import { parseNetProtocols } from './net/protocols.ts'
import { parseIpv6Route, parseNetRoute } from './net/route.ts'
import { parseSoftnetStat } from './net/softnet_stat.ts'
import { parseUnixSockets } from './net/unix.ts'
import { parseNamespaceLink } from './ns.ts'
import { parseNumaMaps } from './numa_maps.ts'
import { unescapeOctal } from './octal-escape.ts'
import { parsePartitions } from './partitions.ts'
import { parsePressure } from './pressure.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { parseSched } from './sched.ts'
import { parseSchedstat } from './schedstat.ts'
import { parseSlabinfo } from './slabinfo.ts'
import { parseSmaps } from './smaps.ts'
import { parseSmapsRollup } from './smaps_rollup.ts'
import { parseStat } from './stat.ts'
import { parseStatm } from './statm.ts'
import { parseStatus } from './status.ts'
import { parseSwaps } from './swaps.ts'
import { parseSyscall } from './syscall.ts'
import { parseSystemStat } from './system-stat.ts'
import { parseSysvMsg } from './sysvipc/msg.ts'
import { parseSysvSem } from './sysvipc/sem.ts'
import { parseSysvShm } from './sysvipc/shm.ts'
import { parseTimensOffsets } from './timens_offsets.ts'
import { parseIdMap } from './uid_map.ts'
import { parseUptime } from './uptime.ts'
import { parseVersion } from './version.ts'
import { parseVmstat } from './vmstat.ts'
import { parseZoneinfo } from './zoneinfo.ts'

const PARSERS: [parse: (text: string) => unknown, sample: string][] = [
  [parseStat, fixture('process/stat')],
  [parseStatus, fixture('process/status')],
  [parseStatm, fixture('process/statm')],
  [parseLimits, fixture('process/limits')],
  [parseIo, fixture('process/io')],
  [parseMaps, fixture('process/maps')],
  [parseMountinfo, fixture('process/mountinfo')],
  [parseCgroup, '4:memory:/a\n3:cpu,cpuacct:/\n2:name=systemd:/\n0::/x\n'],
  [parseIdMap, fixture('process/uid_map')],
  [parseCmdline, fixture('process/cmdline')],
  [parseEnviron, fixture('process/environ')],
  [parseNamespaceLink, 'pid:[4026531836]'],
  [parseFdTarget, 'anon_inode:[eventpoll]'],
  [parseMeminfo, fixture('system/meminfo')],
  [parseSystemStat, fixture('system/stat')],
  [parseLoadavg, fixture('system/loadavg')],
  [parseUptime, fixture('system/uptime')],
  [parseFdInfo, 'pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1053\nPid:\t7\nNSpid:\t7\t1\n'],
  [parseFdInfo, 'pos:\t0\nflags:\t02\neventfd-count: 2a\neventfd-id: 7\nsigmask:\t0000000000004002\nlock:\t1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF\n'],
  [parseFdInfo, 'pos:\t0\nflags:\t02\ntfd:        5 events:       19 data:                5  pos:0 ino:61 sdev:b\n'],
  [parseFdInfo, 'pos:\t0\nflags:\t02\ninotify wd:3 ino:1 sdev:34 mask:fce ignored_mask:0 fhandle-bytes:c fhandle-type:81 f_handle:0000\n'],
  [parseFdInfo, 'pos:\t0\nflags:\t02\nclockid: 7\nticks: 3\nsettime flags: 01\nit_value: (1, 500)\nit_interval: (0, 0)\n'],
  [parsePressure, 'some avg10=0.00 avg60=0.12 avg300=0.05 total=4711\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n'],
  [parseSchedstat, '1009346 25142 3\n'],
  [parseFilesystems, 'nodev\toverlay\n\text4\n'],
  [parseSmapsRollup, fixture('process/smaps_rollup')],
  [unescapeOctal, '/a\\040b'],
  [parseAutogroup, '/autogroup-4 nice 0\n'],
  [parseCoredumpFilter, '00000033\n'],
  [parseSyscall, fixture('process/syscall')],
  [parseTimensOffsets, 'monotonic 1 2\nboottime -3 4\n'],
  [parseSched, fixture('process/sched')],
  [parseSmaps, fixture('process/smaps')],
  [parseNumaMaps, fixture('process/numa_maps')],
  [parseMounts, 'proc /proc proc rw,nosuid 0 0\n/dev/vda / ext4 rw,relatime 0 0\n'],
  [parseCpuinfo, fixture('system/cpuinfo')],
  [parseVmstat, fixture('system/vmstat')],
  [parseDiskstats, fixture('system/diskstats')],
  [parsePartitions, 'major minor  #blocks  name\n\n 254        0  268435456 vda\n'],
  [parseSwaps, 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/dm-2 partition\t131068\t176\t-2\n'],
  [parseDevices, fixture('system/devices')],
  [parseModules, 'nft_chain 16384 2 a,b, Live 0xffffffffc0a00000 (OE)\n'],
  [parseInterrupts, fixture('system/interrupts')],
  [parseSoftirqs, fixture('system/softirqs')],
  [parseBuddyinfo, fixture('system/buddyinfo')],
  [parseZoneinfo, fixture('system/zoneinfo')],
  [parseSlabinfo, fixture('system/slabinfo')],
  [parseLocks, '1: POSIX  ADVISORY  WRITE 28701 fe:00:15089667 0 19\n1: -> POSIX  ADVISORY  READ 5 <none>:0 0 EOF\n'],
  [parseCgroups, '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t33\t1\n'],
  [parseVersion, 'Linux version 6.1.0 (a@b) (gcc (Debian) 12) #1 SMP\n'],
  [parseKernelCmdline, 'root=/dev/vda ro dyndbg="file a +p" -- single\n'],
  [parseSysvMsg, '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n  1 2 600 3 4 5 6 7 8 9 10 11 12 13\n'],
  [parseSysvSem, '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n  1 2 600 3 4 5 6 7 8 9\n'],
  [parseSysvShm, '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n 1 2 600 3 4 5 6 7 8 9 10 11 12 13 14 15\n'],
  [parseInetSockets, fixture('net/tcp')],
  [parseInetSockets, fixture('net/udp6')],
  [parseUnixSockets, fixture('net/unix')],
  [parseNetDev, fixture('net/dev')],
  [parseNetSnmp, fixture('net/snmp')],
  [parseNetSnmp6, fixture('net/snmp6')],
  [parseSockstat, fixture('net/sockstat')],
  [parseNetProtocols, fixture('net/protocols')],
  [parseNetRoute, fixture('net/route')],
  [parseIpv6Route, fixture('net/ipv6_route')],
  [parseArp, fixture('net/arp')],
  [parseIfInet6, fixture('net/if_inet6')],
  [parsePacketSockets, `${fixture('net/packet')}00000000a1b2c3d4 3      3    0003   2     1 1024   1000   4711 \n`],
  [parseNetlinkSockets, fixture('net/netlink')],
  [parseSoftnetStat, fixture('net/softnet_stat')],
]

// Any UTF-16, lone surrogates too. Not fc.string({ unit: 'binary' }), which lists a million code points before the first run.
const anyText = fc.uint16Array({ maxLength: 200 }).map((units) => String.fromCharCode(...units))
const part = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('-1', '18446744073709551616', '9'.repeat(400), '0x10', '1e3', ' ', '\n', '\0', ')', ' (', '\\', '\\040', '__proto__:', 'NaN', '-'),
)

test('every parser of the index is in the list', () => {
  const tested = new Set<unknown>(PARSERS.map(([parse]) => parse))
  const parsers = Object.entries(index).filter(([name]) => name.startsWith('parse') && name !== 'parseAuxv')
  expect(parsers.filter(([, parse]) => !tested.has(parse)).map(([name]) => name)).toEqual([])
})

test('auxv survives any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
    try {
      parseAuxv(data)
    } catch (error) {
      expect(error).toBeInstanceOf(ProcParseError)
    }
  }), { numRuns: 2000 })
})

/** The parser accepts the text, or says where it is wrong; anything else is a bug. */
function survives(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text)
  } catch (error) {
    if (!(error instanceof ProcParseError)) throw error
    expect(error.line).toBeGreaterThan(0)
    expect(text.includes(error.text)).toBe(true)
  }
}

test.each(PARSERS)('%o accepts its sample', (parse, sample) => {
  parse(sample)
})

test.each(PARSERS)('%o survives any text', (parse) => {
  fc.assert(fc.property(anyText, (text) => survives(parse, text)), { numRuns: 200 })
})

test.each(PARSERS)('%o survives its sample cut anywhere', (parse, sample) => {
  for (let end = 0; end < sample.length; end += Math.ceil(sample.length / 200)) survives(parse, sample.slice(0, end))
})

test.each(PARSERS)('%o survives its sample with parts replaced', (parse, sample) => {
  const replaced = fc.property(fc.nat(sample.length), fc.nat(20), part, (at, length, text) => survives(parse, sample.slice(0, at) + text + sample.slice(at + length)))
  fc.assert(replaced, { numRuns: 300 })
})

test.each(PARSERS)('%o takes time in proportion to the text', (parse, sample) => {
  // A quadratic step would take minutes for one of these. Processor time: others use the machine too.
  const size = 60_000
  const began = process.cpuUsage()
  for (const unit of [' ', '9', 'a', '(', ')', '\\', '\n', ':', ',', 'Max a ', '0-', ' - ', '[']) {
    survives(parse, unit.repeat(size / unit.length))
    survives(parse, sample + unit.repeat(size / unit.length))
    survives(parse, sample.trimEnd() + unit.repeat(size / unit.length))
  }
  const { user, system } = process.cpuUsage(began)
  expect((user + system) / 1000).toBeLessThan(4_000)
})
