import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fixture, hasVectors, vector } from './fixtures/fixture.ts'
import { parseStatus } from './status.ts'

const captured = fixture('process/status')
const change = (key: string, value: string): string => captured.replace(new RegExp(`^${key}:.*$`, 'm'), `${key}:${value}`)

test('a captured process: every line has a field', () => {
  const status = parseStatus(captured)
  expect(status.unknown).toEqual({})
  expect(status).toMatchObject({
    name: 'sleep', umask: 0o022, state: 'S', tgid: 13320, pid: 13320, ppid: 13313, tracerPid: 0,
    uid: { real: 0, effective: 0, saved: 0, fs: 0 }, groups: [], nspid: [13320], kthread: false,
    vmSizeBytes: 2500 * 1024, thpEnabled: true, untagMask: 2n ** 64n - 1n, threads: 1, noNewPrivs: false,
    seccomp: 'disabled', seccompFilters: 0, cpusAllowed: 3n, cpusAllowedList: [0, 1], memsAllowed: 1n, memsAllowedList: [0],
  })
  expect(Object.keys(status).length).toBe(captured.trimEnd().split('\n').length + 1)
})

test('nested namespaces, masks, modes', () => {
  expect(parseStatus(change('NSpid', '\t4711\t20\t1')).nspid).toEqual([4711, 20, 1])
  expect(parseStatus(change('Groups', '\t4 24 4294967294 ')).groups).toEqual([4, 24, 4294967294])
  expect(parseStatus(change('SigCgt', '\t0000000100004002')).sigCgt).toEqual(['SIGINT', 'SIGTERM', 'SIGRT_1'])
  expect(parseStatus(change('CapEff', '\t000001ffffffffff')).capEff).toBe(2n ** 41n - 1n)
  expect(parseStatus(change('Cpus_allowed', '\tffffffff,ffffffff,ffffffff')).cpusAllowed).toBe(2n ** 96n - 1n)
  expect(parseStatus(change('Cpus_allowed_list', '\t0-2,7')).cpusAllowedList).toEqual([0, 1, 2, 7])
  expect(['0', '1', '2', '3'].map((mode) => parseStatus(change('Seccomp', `\t${mode}`)).seccomp)).toEqual(['disabled', 'strict', 'filter', 'dead'])
  expect(parseStatus(change('SigQ', '\t3/18446744073709551615')).sigQ).toEqual({ queued: 3, limit: 2n ** 64n - 1n })
})

test.each([
  ['\ta\\nb)\\n(c', 'a\nb)\n(c'],
  ['\tx\\\\y', 'x\\y'],
  ['\tx\\\\n', 'x\\n'],
  ['\t ) R 1 ', ' ) R 1 '],
  ['\t\ttab', '\ttab'],
  ['\tUid:\t0', 'Uid:\t0'],
  ['\t', ''],
])('the name %j', (printed, name) => {
  // A function, because a replacement text has escapes of its own.
  expect(parseStatus(captured.replace(/^Name:.*$/m, () => `Name:${printed}`)).name).toBe(name)
})

test('lines of a newer kernel are kept as printed', () => {
  expect(parseStatus(`${captured}Brand_new:\t1 2 3\n__proto__:\tx\n`).unknown).toEqual(
    Object.assign(Object.create(null), { Brand_new: '1 2 3', ['__proto__']: 'x' }),
  )
})

test('what is not a status names the line', () => {
  expect(() => parseStatus('')).toThrow('line 1: expected a line with name before the end')
  expect(() => parseStatus(captured.slice(0, captured.indexOf('Threads')))).toThrow('a line with threads before the end')
  expect(() => parseStatus(change('VmRSS', '\t 20'), '/proc/1/status')).toThrow(/\/proc\/1\/status line \d+: expected a size in kB/)
  expect(() => parseStatus(change('NoNewPrivs', '\t2'))).toThrow('0 or 1')
  expect(() => parseStatus(change('Seccomp', '\t9'))).toThrow('a seccomp mode')
  expect(() => parseStatus(change('Uid', '\t0 0'))).toThrow('four IDs')
  expect(() => parseStatus(change('State', '\tQ'))).toThrow('a process state')
  expect(() => parseStatus(change('SigQ', '\t1'))).toThrow('queued/limit')
  expect(() => parseStatus('no colon')).toThrow('Key: value')
})

test.skipIf(!hasVectors('gopsutil-proc'))('the processes of gopsutil (needs its fixtures)', () => {
  const read = (pid: number) => parseStatus(readFileSync(vector(`gopsutil-proc/files/process/testdata/linux/${pid}/status`), 'utf8'))
  expect(read(23819)).toMatchObject({
    name: 'pause', nspid: [23819, 1], uid: { real: 4061200383 }, noNewPrivs: true, seccomp: 'filter', capBnd: 0xa80425fbn, memsAllowedList: [0, 1],
  })
  expect(read(23819).cpusAllowedList).toHaveLength(96)
  // mips: 128 signals.
  expect(read(1060).sigCgt).toContain('SIGRT_95')
  expect(read(1)).toMatchObject({ name: 'ksoftirqd/0' })
  expect(read(1).vmRssBytes).toBeUndefined()
})

test.skipIf(!hasVectors('prometheus-procfs'))('a status padded with blanks, of prometheus/procfs (needs its fixtures)', () => {
  expect(parseStatus(readFileSync(vector('prometheus-procfs/decoded/fixtures/proc/26235/status'), 'utf8'))).toMatchObject({ ngid: 12345, nspid: [26235, 1], vmRssBytes: 42652 * 1024 })
})

test.skipIf(!hasVectors('kernel-captures'))('names that a kernel really had (needs the kernel-captures fixtures)', () => {
  const { procStat } = JSON.parse(readFileSync(vector('kernel-captures/proc-stat.json'), 'utf8')) as { procStat: { commBase64: string; statusNameBase64: string }[] }
  for (const { commBase64, statusNameBase64 } of procStat) {
    const line = Buffer.from(statusNameBase64, 'base64').toString('latin1')
    const { name } = parseStatus(captured.replace(/^Name:.*$/m, () => line))
    expect(Buffer.from(name, 'latin1').toString('base64')).toBe(commBase64)
  }
})
