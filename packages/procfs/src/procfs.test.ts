import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixture } from './fixtures/fixture.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { type Procfs, procfs } from './procfs.ts'

let root: string
let proc: Procfs

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'procfs-'))
  proc = procfs({ root: `${root}/` })
  cpSync(new URL('fixtures/process', import.meta.url), `${root}/13320`, { recursive: true })
  cpSync(new URL('fixtures/system', import.meta.url), root, { recursive: true })
})

afterEach(() => rmSync(root, { recursive: true }))

test('a root that is no procfs: every reader of a captured process', () => {
  const sleep = proc.pid(13320)
  expect(sleep.stat().comm).toBe('sleep')
  expect(sleep.comm()).toBe('sleep')
  expect(sleep.status().vmSizeBytes).toBe(2500 * 1024)
  expect(sleep.statm().sizePages).toBe(625)
  expect(sleep.cmdline()).toEqual(['/bin/sleep', '30'])
  expect(sleep.environ().B).toBe('x=y')
  expect(sleep.limits().RLIMIT_NOFILE.soft).toBe(20000n)
  expect(sleep.io().syscw).toBe(0)
  expect(sleep.maps()).toHaveLength(24)
  expect(sleep.mountinfo()).toHaveLength(19)
  expect(sleep.uid_map()).toHaveLength(1)
  expect(sleep.exe()).toBeUndefined()
  expect(sleep.ns()).toEqual({})
  expect(sleep.read('status')).toBe(fixture('process/status'))
})

test('the machine', () => {
  expect(proc.root).toBe(root)
  expect(proc.meminfo().memTotalBytes).toBe(24684092 * 1024)
  expect(proc.stat().cpus.size).toBe(2)
  expect(proc.loadavg().total).toBeGreaterThan(0)
  expect(proc.uptime().uptimeSeconds).toBeGreaterThan(0)
  expect(proc.bootId()).toBeUndefined()
  mkdirSync(`${root}/sys/kernel/random`, { recursive: true })
  writeFileSync(`${root}/sys/kernel/random/boot_id`, 'f60e978f-b120-49d2-a96e-98290df8a127\n')
  expect(proc.bootId()).toBe('f60e978f-b120-49d2-a96e-98290df8a127')
  expect(proc.pid(13320).identity()).toEqual({ pid: 13320, starttimeTicks: 208621, bootId: proc.bootId() })
})

test('kernel parameters', () => {
  mkdirSync(`${root}/sys/net/ipv4/conf/eth0.1`, { recursive: true })
  writeFileSync(`${root}/sys/net/ipv4/conf/eth0.1/forwarding`, '1\n')
  expect(proc.sysctl('net.ipv4.conf.eth0/1.forwarding')).toBe('1')
  expect(() => proc.sysctl('net.none')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  for (const name of ['', 'a..b', '//.stat', '.', 'a.//', 'a\0b']) expect(() => proc.sysctl(name)).toThrow('Cannot read the kernel parameter')
})

test('links', () => {
  mkdirSync(`${root}/13320/ns`)
  mkdirSync(`${root}/13320/fd`)
  symlinkSync('pid:[4026531836]', `${root}/13320/ns/pid`)
  symlinkSync('pipe:[1]', `${root}/13320/fd/10`)
  symlinkSync('/dev/null', `${root}/13320/fd/9`)
  symlinkSync('13320', `${root}/self`)
  symlinkSync('13320/task/13321', `${root}/thread-self`)
  expect(proc.self.ns()).toEqual({ pid: 4026531836 })
  expect(proc.self.fd()).toEqual([{ fd: 9, target: '/dev/null' }, { fd: 10, target: 'pipe:[1]' }])
  expect(proc.inNamespace('pid', 4026531836)).toEqual([13320])
  expect(proc.inNamespace('pid', 1)).toEqual([])
  expect(proc.threadSelf.tid).toBe(13321)
  expect(proc.threadSelf.directory.path).toBe(`${root}/13320/task/13321`)
})

test('a self link to nowhere is an error, not a process', () => {
  symlinkSync('../etc', `${root}/self`)
  expect(() => proc.self).toThrow(ProcParseError)
})

test('only names that are PIDs are processes', () => {
  for (const name of ['0', '007', '1x', '-1', 'acpi', '1.5']) mkdirSync(`${root}/${name}`)
  expect(proc.pids()).toEqual([13320])
})

test('a parse error names the path', () => {
  writeFileSync(`${root}/13320/stat`, '13320 (sle')
  expect(() => proc.pid(13320).stat()).toThrow(`Cannot parse ${root}/13320/stat line 1`)
})

test('a process that is gone is its own error; a missing file of one that lives is Node\'s', () => {
  expect(() => proc.pid(4).stat()).toThrow(ProcessVanishedError)
  expect(() => proc.pid(4).exe()).toThrow(ProcessVanishedError)
  expect(() => proc.pid(4).fd()).toThrow(ProcessVanishedError)
  expect(() => proc.pid(13320).gid_map()).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  expect(proc.pid(4).same({ pid: 4, starttimeTicks: 1 })).toBe(false)
})

test('a process that vanishes while the table is read is left out', () => {
  cpSync(`${root}/13320`, `${root}/13321`, { recursive: true })
  const seen = proc.processes((process) => {
    rmSync(`${root}/13320`, { recursive: true, force: true })
    return process.stat().comm
  })
  expect(seen).toEqual(['sleep'])
})

test('other errors of the caller\'s function come through', () => {
  expect(() => proc.processes((process) => process.gid_map())).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})

test('what cannot be a PID is refused before anything is read', () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 60]) expect(() => proc.pid(pid)).toThrow(`Cannot read the process with PID ${pid}`)
})

test('latin1 keeps bytes that are no text', () => {
  writeFileSync(`${root}/13320/comm`, Buffer.from([0xff, 0xfe, 0x80, 0x0a]))
  expect(proc.pid(13320).comm()).toBe('\ufffd\ufffd\ufffd')
  const bytes = procfs({ root, encoding: 'latin1' }).pid(13320).comm()
  expect(Buffer.from(bytes, 'latin1')).toEqual(Buffer.from([0xff, 0xfe, 0x80]))
})

test('an identity of a later process with the same PID is not the same', () => {
  const sleep = proc.pid(13320)
  const identity = sleep.identity()
  expect(sleep.same(identity)).toBe(true)
  writeFileSync(`${root}/13320/stat`, fixture('process/stat').replace(' 208621 ', ' 208622 '))
  expect(sleep.same(identity)).toBe(false)
})
