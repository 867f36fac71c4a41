import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseStat } from './stat.ts'

test('every field is where proc(5) says', () => {
  // The n-th field has the value n, but for those that are not numbers.
  const fields = Array.from({ length: 52 }, (_, index) => String(index + 1))
  fields[1] = '(name)'
  fields[2] = 'S'
  expect(parseStat(`${fields.join(' ')}\n`)).toEqual({
    pid: 1, comm: 'name', state: 'S', ppid: 4, pgrp: 5, session: 6, ttyNr: 7, tpgid: 8, flags: 9, minflt: 10, cminflt: 11,
    majflt: 12, cmajflt: 13, utimeTicks: 14, stimeTicks: 15, cutimeTicks: 16, cstimeTicks: 17, priority: 18, nice: 19,
    numThreads: 20, itrealvalue: 21, starttimeTicks: 22, vsizeBytes: 23, rssPages: 24, rsslimBytes: 25n, startcode: 26n,
    endcode: 27n, startstack: 28n, kstkesp: 29n, kstkeip: 30n, signal: 31n, blocked: 32n, sigignore: 33n, sigcatch: 34n,
    wchan: 35n, nswap: 36, cnswap: 37, exitSignal: 38, processor: 39, rtPriority: 40, policy: 41, delayacctBlkioTicks: 42,
    guestTimeTicks: 43, cguestTimeTicks: 44, startData: 45n, endData: 46n, startBrk: 47n, argStart: 48n, argEnd: 49n,
    envStart: 50n, envEnd: 51n, exitCode: 52,
  })
})

test('a captured process', () => {
  const stat = parseStat(fixture('process/stat'))
  expect(stat).toMatchObject({ pid: 13320, comm: 'sleep', state: 'S', ppid: 13313, starttimeTicks: 208621, vsizeBytes: 2560000 })
  expect(stat.rsslimBytes).toBe(2n ** 64n - 1n)
})

const tail = fixture('process/stat').slice(fixture('process/stat').indexOf(') S '))

test.each([')', ') R 1 1', 'a\nb)\n(c', '', ' ', '((', 'x\\y', ') S 1 (', '\u001b[31m'])('the command name %j', (comm) => {
  expect(parseStat(`7 (${comm}${tail}`)).toMatchObject({ pid: 7, comm, ppid: 13313 })
})

test('fields of a newer kernel are ignored', () => {
  expect(parseStat(`${fixture('process/stat').trimEnd()} 1 2 3\n`).exitCode).toBe(0)
})

test('a truncated text names the file and what is missing', () => {
  expect(() => parseStat('1 (init) S 0 1', '/proc/1/stat')).toThrow('Cannot parse /proc/1/stat line 1: expected 52 fields, not 5: "1 (init) S 0 1"')
  expect(() => parseStat('')).toThrow('pid (comm) state')
  expect(() => parseStat(fixture('process/stat').replace(') S', ') Q'))).toThrow('a process state, not "Q"')
  expect(() => parseStat(fixture('process/stat').replace('2560000', '0x10'))).toThrow('a decimal integer, not "0x10"')
})

interface Captured {
  procStat: { commBase64: string; pid: number; ppid: number; statBase64: string; startTime: number }[]
}

test.skipIf(!hasVectors('kernel-captures'))('names that a kernel really had (needs the kernel-captures fixtures)', () => {
  const { procStat } = JSON.parse(readFileSync(vector('kernel-captures/proc-stat.json'), 'utf8')) as Captured
  expect(procStat.length).toBeGreaterThan(5)
  for (const captured of procStat) {
    const stat = parseStat(Buffer.from(captured.statBase64, 'base64').toString('latin1'))
    expect(Buffer.from(stat.comm, 'latin1').toString('base64')).toBe(captured.commBase64)
    expect(stat).toMatchObject({ pid: captured.pid, ppid: captured.ppid, starttimeTicks: captured.startTime })
  }
})

test.skipIf(!hasVectors('prometheus-procfs'))('the processes of prometheus/procfs (needs its fixtures)', () => {
  const read = (pid: number) => parseStat(readFileSync(vector(`prometheus-procfs/decoded/fixtures/proc/${pid}/stat`), 'utf8'))
  expect(read(26231)).toMatchObject({ comm: 'vim', state: 'R', ppid: 5392, utimeTicks: 1677, rsslimBytes: 18446744073709551615n })
  expect(read(584)).toMatchObject({ pid: 1020, comm: '(a b ) ( c d) ', state: 'R' })
  // A kernel bug: cutime and cstime at the ends of the 64-bit range. As quantities they are rounded.
  expect(read(26232)).toMatchObject({ comm: 'ata_sff', cutimeTicks: -(2 ** 63), cstimeTicks: 2 ** 63, wchan: 2n ** 64n - 1n })
})

test.skipIf(!hasVectors('gopsutil-proc'))('the name test(cmd).sh of gopsutil (needs its fixtures)', () => {
  expect(parseStat(readFileSync(vector('gopsutil-proc/files/process/testdata/linux/68927/stat'), 'utf8')).comm).toBe('test(cmd).sh')
})
