import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCmdline } from './cmdline.ts'
import { parseEnviron } from './environ.ts'
import { parseFdTarget } from './fd.ts'
import { parseFdInfo } from './fdinfo.ts'
import { parseFilesystems } from './filesystems.ts'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseIo } from './io.ts'
import { parseNamespaceLink } from './ns.ts'
import { parsePressure } from './pressure.ts'
import { parseSchedstat } from './schedstat.ts'
import { parseSmapsRollup } from './smaps_rollup.ts'
import { parseStatm } from './statm.ts'
import { parseIdMap } from './uid_map.ts'

test('cmdline: captured, empty, without its last NUL, with empty arguments', () => {
  expect(parseCmdline(fixture('process/cmdline'))).toEqual(['/bin/sleep', '30'])
  expect(parseCmdline('')).toEqual([])
  expect(parseCmdline('nginx: master process')).toEqual(['nginx: master process'])
  expect(parseCmdline('a\0\0')).toEqual(['a', ''])
  expect(parseCmdline('\0')).toEqual([''])
})

test('environ: captured, first of two, a name of objects, no name', () => {
  expect({ ...parseEnviron(fixture('process/environ')) }).toEqual({ A: '1', B: 'x=y' })
  const hostile = parseEnviron('A=1\0A=2\0__proto__=x\0=empty\0novalue\0')
  expect(hostile.A).toBe('1')
  expect(Object.keys(hostile)).toEqual(['A', '__proto__'])
})

test('fd targets', () => {
  expect(parseFdTarget('/dev/null')).toEqual({ kind: 'path', path: '/dev/null', deleted: false })
  expect(parseFdTarget('/tmp/a b (deleted)')).toEqual({ kind: 'path', path: '/tmp/a b', deleted: true })
  expect(parseFdTarget('/memfd:ctr (deleted)')).toEqual({ kind: 'memfd', name: 'ctr' })
  expect(parseFdTarget('/pipe:[1]')).toMatchObject({ kind: 'path' })
  expect(parseFdTarget('socket:[4711]')).toEqual({ kind: 'inode', type: 'socket', inode: 4711n })
  expect(parseFdTarget('net:[4026531840]')).toEqual({ kind: 'inode', type: 'net', inode: 4026531840n })
  expect(parseFdTarget('anon_inode:[eventpoll]')).toEqual({ kind: 'anon_inode', name: 'eventpoll' })
  expect(parseFdTarget('anon_inode:inotify')).toEqual({ kind: 'anon_inode', name: 'inotify' })
  expect(parseFdTarget('')).toEqual({ kind: 'other', text: '' })
})

test('io: captured, and a missing counter', () => {
  expect(parseIo(fixture('process/io'))).toMatchObject({ syscw: 0, cancelledWriteBytes: 0 })
  expect(parseIo('rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\ncancelled_write_bytes: -7\n')).toEqual({
    rcharBytes: 1, wcharBytes: 2, syscr: 3, syscw: 4, readBytes: 5, writeBytes: 6, cancelledWriteBytes: -7,
  })
  expect(() => parseIo('rchar: 1\n')).toThrow('a line for wchar')
  expect(() => parseIo('')).toThrow('a line for rchar')
})

test('namespace links', () => {
  expect(parseNamespaceLink('mnt:[4026531832]')).toEqual({ kind: 'mnt', inode: 4026531832 })
  for (const text of ['', 'mnt', 'mnt:[x]', '/mnt:[1]', 'mnt:[1]\n']) expect(() => parseNamespaceLink(text)).toThrow('kind:[inode]')
})

test('statm', () => {
  expect(parseStatm('1120 513 402 193 0 108 0\n')).toEqual({ sizePages: 1120, residentPages: 513, sharedPages: 402, textPages: 193, dataPages: 108 })
  expect(() => parseStatm('1 2 3')).toThrow('seven integers')
})

test('ID maps: the initial one, two ranges, none, malformed', () => {
  expect(parseIdMap(fixture('process/uid_map'))).toEqual([{ inside: 0, outside: 0, length: 4294967295 }])
  expect(parseIdMap('0 1000 1\n1 100000 65536\n')).toHaveLength(2)
  expect(parseIdMap('')).toEqual([])
  expect(() => parseIdMap('0 0\n', 'gid_map')).toThrow('gid_map line 1: expected three integers')
  expect(() => parseIdMap('0 0 1 1\n')).toThrow('three integers')
})

test('fdinfo: a file, lines that are not known, a pidfd', () => {
  expect(parseFdInfo('pos:\t10\nflags:\t02100001\nmnt_id:\t27\nino:\t18446744073709551615\n')).toEqual({
    posBytes: 10n, flags: 0o2100001, mntId: 27, inode: 2n ** 64n - 1n, unknown: [],
  })
  expect(parseFdInfo('pos:\t0\nflags:\t02\nscm_fds: 0\nfanotify flags:0 event-flags:8000\n').unknown).toEqual(['scm_fds: 0', 'fanotify flags:0 event-flags:8000'])
  expect(parseFdInfo('pos:\t0\nflags:\t02000002\nPid:\t-1\nNSpid:\t-1\n')).toMatchObject({ pid: -1, nspid: [-1] })
  expect(() => parseFdInfo('pos:\t0\n')).toThrow('a line with flags')
  expect(() => parseFdInfo('')).toThrow('a line with posBytes')
})

test.skipIf(!hasVectors('prometheus-procfs'))('fdinfo of prometheus/procfs (needs its fixtures)', () => {
  const read = (fd: number) => parseFdInfo(readFileSync(vector(`prometheus-procfs/decoded/fixtures/proc/26231/fdinfo/${fd}`), 'utf8'))
  expect(read(10)).toMatchObject({ flags: 0o2004002, mntId: 9 })
  expect([0, 1, 2, 3].map((fd) => read(fd).posBytes)).toEqual([0n, 0n, 0n, 0n])
  expect(read(0).inotify).toHaveLength(3)
  expect(read(0).inotify![1]).toEqual({
    wd: 2, inode: 0x1300016n, device: { major: 253, minor: 2 }, mask: 0xfce, fileHandle: { type: 1, bytes: '16003001ed3f022a' },
  })
})

test('pressure', () => {
  expect(parsePressure('some avg10=0.10 avg60=2.00 avg300=100.00 total=4711\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n')).toEqual({
    some: { avg10Percent: 0.1, avg60Percent: 2, avg300Percent: 100, totalMicros: 4711 },
    full: { avg10Percent: 0, avg60Percent: 0, avg300Percent: 0, totalMicros: 0 },
  })
  expect(() => parsePressure('')).toThrow('some or full')
  expect(() => parsePressure('most avg10=0\n', 'cpu.pressure')).toThrow('cpu.pressure line 1')
})

test('schedstat', () => {
  expect(parseSchedstat('1009346 25142 3\n')).toEqual({ runNanos: 1009346, waitNanos: 25142, timeslices: 3 })
  expect(() => parseSchedstat('1 2')).toThrow('three integers')
})

test('filesystems', () => {
  expect(parseFilesystems('nodev\toverlay\n\text4\n')).toEqual([{ name: 'overlay', needsDevice: false }, { name: 'ext4', needsDevice: true }])
  expect(() => parseFilesystems('nodev\ta\next4\n')).toThrow('filesystems line 2')
})

test('smaps_rollup: captured, and cut', () => {
  const rollup = parseSmapsRollup(fixture('process/smaps_rollup'))
  expect(rollup.rssBytes).toBe(rollup.sharedCleanBytes + rollup.sharedDirtyBytes + rollup.privateCleanBytes + rollup.privateDirtyBytes)
  expect(rollup.pssBytes).toBeLessThanOrEqual(rollup.rssBytes)
  expect(rollup.pssBytes).toBe(rollup.pssAnonBytes! + rollup.pssFileBytes! + rollup.pssShmemBytes!)
  expect([rollup.referencedBytes, rollup.lazyFreeBytes, rollup.unknown]).toEqual([1888 * 1024, 0, {}])
  const of2018 = fixture('process/smaps_rollup').replace(/^Pss_.*\n|^KSM:.*\n/gm, '').replace('Locked:', 'Later:')
  expect(parseSmapsRollup(of2018)).not.toHaveProperty('pssAnonBytes')
  expect(parseSmapsRollup(of2018).unknown).toEqual({ Later: '0 kB' })
  expect(() => parseSmapsRollup('')).toThrow('[rollup]')
  expect(() => parseSmapsRollup(fixture('process/smaps_rollup').replace(/^Swap:.*\n/m, ''))).toThrow('a line for Swap')
})
