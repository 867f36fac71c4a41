import { execFileSync } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { endAll, start, until } from './fixtures/children.ts'
import { hostPid, pidIn, pidNamespaces } from './pid-translation.ts'
import { procfs } from './procfs.ts'

const proc = procfs()
const asRoot = test.skipIf(process.getuid?.() !== 0)

/** Runs a script two PID namespaces down, each with its own /proc. */
async function nested(script: string): Promise<{ outer: number; inner: number; output: string }> {
  const unshare = ['--pid', '--fork', '--kill-child', '--mount-proc']
  const { pid, output } = await start('unshare', ...unshare, 'sh', '-c', '"$@"; exit', 'sh', 'unshare', ...unshare, 'bash', '-c', `${script}; read`)
  const only = (pid: number): number => proc.pid(pid).children()[0]!
  const outer = only(pid)
  return { outer, inner: only(only(outer)), output }
}

afterEach(endAll)

asRoot('both ways through two nested PID namespaces (needs root)', async () => {
  const { outer, inner, output } = await nested('sleep 60 & echo $! $$')
  const [sleepPid, bashPid] = output.trim().split(' ').map(Number) as [number, number]
  expect(bashPid).toBe(1)
  const own = proc.self.namespace('pid')!
  const first = proc.pid(outer).namespace('pid')!
  const second = proc.pid(inner).namespace('pid')!
  expect(new Set([own, first, second]).size).toBe(3)

  const sleep = hostPid(proc, { namespace: second, pid: sleepPid })!
  await until('sleep, no longer the shell that forked', () => proc.pid(sleep).cmdline()[0] === 'sleep')
  expect(proc.pid(sleep).cmdline()).toEqual(['sleep', '60'])
  expect(hostPid(proc, { namespace: inner, pid: sleepPid })).toBe(sleep)
  expect(hostPid(proc, { namespace: second, pid: 1 })).toBe(inner)
  expect(hostPid(proc, { namespace: first, pid: 1 })).toBe(outer)
  expect(hostPid(proc, { namespace: process.pid, pid: process.pid })).toBe(process.pid)
  expect(hostPid(proc, { namespace: first, pid: 4_000_000 })).toBeUndefined()

  // The independent witness: what /proc, mounted in the first namespace, calls the same process.
  const inFirst = execFileSync('nsenter', ['-t', String(outer), '-p', '-m', 'pgrep', '-x', 'sleep'], { encoding: 'utf8' }).trim()
  expect(pidIn(proc, sleep, first)).toBe(Number(inFirst))
  expect(hostPid(proc, { namespace: first, pid: Number(inFirst) })).toBe(sleep)
  expect(pidIn(proc, sleep, second)).toBe(sleepPid)
  expect(pidIn(proc, sleep, own)).toBe(sleep)
  expect(pidIn(proc, process.pid, first)).toBeUndefined()
  expect(pidIn(proc, outer, second)).toBeUndefined()

  expect(proc.inNamespace('pid', second)).toEqual([inner, sleep].sort((a, b) => a - b))
  expect(proc.inNamespace('pid', first)).toEqual([outer, proc.pid(inner).stat().ppid])
  expect(proc.inNamespace('pid', own)).toContain(process.pid)
})

asRoot('seen through the procfs of the first namespace, the same functions count from there (needs root)', async () => {
  const { outer, inner } = await nested('echo ready')
  const there = procfs({ root: `/proc/${outer}/root/proc` })
  const second = proc.pid(inner).namespace('pid')!
  expect(there.pids()[0]).toBe(1)
  expect(there.pids().length).toBeLessThan(6)
  const pid = hostPid(there, { namespace: second, pid: 1 })!
  expect(there.pid(pid).status().nspid).toEqual([pid, 1])
  expect(proc.pid(inner).status().nspid).toEqual([inner, pid, 1])
  // This process has no PID there.
  expect(() => there.self).toThrow()
})

asRoot('a process that was entered past the parent (needs root)', async () => {
  const { outer, inner } = await nested('echo ready')
  const entered = await start('nsenter', '-t', String(inner), '-p', '-m', 'sh', '-c', 'echo $$; read x')
  const namespaces = pidNamespaces(proc)
  const second = proc.pid(inner).namespace('pid')!
  const found = namespaces.hostPid(second, Number(entered.output))!
  expect(proc.pid(found).status().ppid).toBe(entered.pid)
  // Its parent is here, but the namespace's other members tell what is above it.
  expect(namespaces.ancestor(second, 2)).toBe(proc.pid(outer).namespace('pid'))
  expect(namespaces.pidIn(found, proc.pid(outer).namespace('pid')!)).toBe(proc.pid(found).status().nspid![1])
})
