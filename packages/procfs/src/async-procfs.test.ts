import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NET_READINGS } from './net-readings.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { type Procfs, procfs } from './procfs.ts'
import { SYSTEM_READINGS } from './system-readings.ts'
import { TASK_READINGS } from './task-readings.ts'

let root: string
let proc: Procfs

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'procfs-'))
  proc = procfs({ root, endianness: 'LE' })
  cpSync(new URL('fixtures/process', import.meta.url), `${root}/7`, { recursive: true })
  cpSync(new URL('fixtures/net', import.meta.url), `${root}/7/net`, { recursive: true })
  cpSync(new URL('fixtures/system', import.meta.url), root, { recursive: true })
  mkdirSync(`${root}/7/ns`)
  mkdirSync(`${root}/7/fd`)
  mkdirSync(`${root}/7/fdinfo`)
  symlinkSync('net:[4026531840]', `${root}/7/ns/net`)
  symlinkSync('socket:[648460]', `${root}/7/fd/4`)
  symlinkSync('/var/log/a', `${root}/7/fd/5`)
  writeFileSync(`${root}/7/fdinfo/5`, 'pos:\t12\nflags:\t02102001\nmnt_id:\t16\n')
  mkdirSync(`${root}/sys/net/a.b`, { recursive: true })
  writeFileSync(`${root}/sys/net/a.b/x`, '1\n')
  writeFileSync(`${root}/sys/y`, '2\n')
  symlinkSync('7', `${root}/self`)
  symlinkSync('7/net', `${root}/net`)
})

afterEach(() => rmSync(root, { recursive: true }))

const settled = async (call: () => unknown): Promise<unknown> => {
  try {
    return { value: await call() }
  } catch (error) {
    return { name: (error as Error).name, code: (error as { code?: string }).code, message: (error as Error).message.replace(/, (open|readlink|scandir|read) /, ' ') }
  }
}

test('every reader without arguments gives the same both ways, errors included', async () => {
  const pairs: [Record<string, unknown>, Record<string, unknown>, object][] = [
    [proc as never, proc.promises as never, SYSTEM_READINGS],
    [proc.pid(7) as never, proc.promises.pid(7) as never, TASK_READINGS],
    [proc.pid(7).net as never, proc.promises.pid(7).net as never, NET_READINGS],
    [proc.pid(8) as never, proc.promises.pid(8) as never, TASK_READINGS],
  ]
  let read = 0
  for (const [sync, async, readings] of pairs) {
    for (const name of Object.keys(readings)) {
      if (['read', 'pressure', 'sysctl', 'fdinfo', 'namespace', 'dev_snmp6'].includes(name)) continue
      const one = await settled(() => (sync[name] as () => unknown)())
      expect(await settled(() => (async[name] as () => unknown)()), name).toEqual(one)
      if ('value' in (one as object)) read++
    }
  }
  expect(read).toBeGreaterThan(50)
})

test('readers with arguments', async () => {
  const { promises } = proc
  expect(await promises.pid(7).namespace('net')).toBe(4026531840)
  expect(await promises.pid(7).fdinfo(5)).toEqual(proc.pid(7).fdinfo(5))
  expect(await promises.sysctl('net.a/b.x')).toBe('1')
  expect(await promises.inNamespace('net', 4026531840)).toEqual([7])
  expect((await promises.self()).pid).toBe(7)
  expect(await promises.net.route()).toEqual(proc.net.route())
  const identity = proc.pid(7).identity()
  expect(await promises.pid(7).same(identity)).toBe(true)
  expect(await promises.pid(7).thread(7).directory.path).toBe(`${root}/7/task/7`)
})

test('processes: by PID, without those that vanish, with the caller\'s errors', async () => {
  for (const pid of [9, 10, 11, 12]) cpSync(`${root}/7`, `${root}/${pid}`, { recursive: true })
  rmSync(`${root}/10`, { recursive: true })
  mkdirSync(`${root}/13`)
  const slow = async (pid: number): Promise<number[]> => {
    await new Promise((resolve) => setTimeout(resolve, 30 - pid))
    return [pid]
  }
  expect(await proc.promises.processes(({ pid }) => slow(pid))).toEqual([[7], [9], [11], [12], [13]])
  await expect(proc.promises.processes()).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
  rmSync(`${root}/13`, { recursive: true })
  const table = await proc.promises.processes((process) => {
    if (process.pid === 9) rmSync(`${root}/11`, { recursive: true, force: true })
    return process.stat()
  })
  expect(table).toHaveLength(3)
})

test('kernel parameters are listed and set; none is created', async () => {
  expect(proc.sysctls()).toEqual(['net.a/b.x', 'y'])
  expect(proc.sysctls('net')).toEqual(['net.a/b.x'])
  expect(() => proc.sysctls('nothing')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  proc.setSysctl('y', 3)
  expect(readFileSync(`${root}/sys/y`, 'utf8')).toBe('3\n')
  await proc.promises.setSysctl('net.a/b.x', '4')
  expect(proc.sysctl('net.a/b.x')).toBe('4')
  expect(() => proc.setSysctl('z', 1)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  expect(() => proc.setSysctl('..', 1)).toThrow('Cannot set the kernel parameter ".."')
  await expect(proc.promises.setSysctl('z', 1)).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }))
})

test('open files, and connections with their owners', async () => {
  expect(proc.pid(7).openFiles()).toEqual([
    { fd: 5, path: '/var/log/a', deleted: false, posBytes: 12n, access: 'write', append: true, closeOnExec: true, flags: 0o2102001 },
  ])
  const listener = { protocol: 'tcp', namespace: 4026531840, owners: [{ pid: 7, fd: 4 }] }
  expect(proc.connections(['tcp'])).toMatchObject([listener, { owners: [] }, { owners: [] }])
  expect(proc.pid(7).connections()).toMatchObject([listener])
  expect(await proc.promises.connections()).toEqual(proc.connections())
  expect(proc.connections().map(({ protocol }) => protocol)).toEqual(['tcp', 'tcp', 'tcp', 'tcp6', 'udp', 'udp6', 'unix', 'unix'])
})

test('a parse error names the path', async () => {
  writeFileSync(`${root}/7/net/arp`, 'x\n')
  await expect(proc.promises.pid(7).net.arp()).rejects.toThrow(`Cannot parse ${root}/7/net/arp line 1`)
  await expect(proc.promises.pid(7).net.arp()).rejects.toThrow(ProcParseError)
  await expect(proc.promises.pid(8).identity()).rejects.toThrow(ProcessVanishedError)
  for (const name of ['', '.', '..', 'a/b', 'a\0']) expect(() => proc.pid(7).net.dev_snmp6(name)).toThrow('Cannot read the counters')
})
