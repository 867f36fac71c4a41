import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, fstatSync, openSync, closeSync, readFileSync, rmSync, watch, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { endAll, start, stop, until } from './fixtures/children.ts'
import { NET_READINGS } from './net-readings.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { procfs } from './procfs.ts'
import { SYSTEM_READINGS } from './system-readings.ts'
import { parseSysvMsg } from './sysvipc/msg.ts'
import { parseSysvSem } from './sysvipc/sem.ts'
import { parseSysvShm } from './sysvipc/shm.ts'
import { TASK_READINGS } from './task-readings.ts'

const proc = procfs()
const root = process.getuid?.() === 0
// On an overlay, which the guest's root is, stat(2) need not tell the inode number that the kernel uses.
const memory = existsSync('/dev/shm') ? '/dev/shm' : '/run'

afterEach(endAll)

// What a kernel may lack, or keep from who asks.
const ABSENT = ['ENOENT', 'EACCES', 'EPERM', 'EOPNOTSUPP', 'EINVAL']

test('every file that this kernel has is understood', async () => {
  const { pid } = await start('bash', '-c', 'echo ready; read')
  const readers: [string, Record<string, unknown>, object][] = [
    ['/proc', proc as never, SYSTEM_READINGS], ['process', proc.pid(pid) as never, TASK_READINGS], ['net', proc.pid(pid).net as never, NET_READINGS],
  ]
  let understood = 0
  for (const [where, reader, readings] of readers) {
    for (const name of Object.keys(readings)) {
      if (['read', 'pressure', 'sysctl', 'sysctls', 'fdinfo', 'namespace', 'dev_snmp6'].includes(name)) continue
      try {
        const value = (reader[name] as () => unknown)()
        understood++
        // Of sched, what is no `name : value` is the table of a NUMA node.
        if (name === 'sched') continue
        for (const row of [value].flat() as ({ unknown?: object } | null | undefined)[]) expect([where, name, Object.keys(row?.unknown ?? {})]).toEqual([where, name, []])
      } catch (error) {
        expect([where, name, ABSENT.includes(String((error as { code?: string }).code)) ? '' : String(error)]).toEqual([where, name, ''])
      }
    }
  }
  expect(understood).toBeGreaterThan(55)
})

test('processors, disks, interrupts', () => {
  expect(proc.cpuinfo().processors).toHaveLength(Number(execFileSync('nproc', ['--all'], { encoding: 'utf8' })))
  const { release, version } = proc.version()
  expect(`${release} ${version}`).toBe(execFileSync('uname', ['-rv'], { encoding: 'utf8' }).trim())
  expect(proc.diskstats().map(({ name }) => name)).toEqual(expect.arrayContaining(proc.partitions().map(({ name }) => name)))
  expect(proc.vmstat()['nr_free_pages']).toBeGreaterThan(0)
  expect(proc.buddyinfo().length).toBeGreaterThan(0)
  expect(proc.zoneinfo().every(({ pages }) => pages['managed'] !== undefined)).toBe(true)
  expect(proc.softirqs().map(({ name }) => name)).toContain('NET_RX')
  expect(proc.devices().character).toContainEqual({ major: 1, name: 'mem' })
})

test('kernel parameters: listed, read, set to what they are, refused', () => {
  const names = proc.sysctls('kernel.random')
  expect(names).toContain('kernel.random.boot_id')
  for (const name of proc.sysctls('net.ipv4.conf.lo')) expect(proc.sysctl(name)).toMatch(/^-?\d+$/)
  if (!root) return
  const swappiness = proc.sysctl('vm.swappiness')
  proc.setSysctl('vm.swappiness', swappiness)
  expect(proc.sysctl('vm.swappiness')).toBe(swappiness)
  expect(() => proc.setSysctl('vm.swappiness', 'nonsense')).toThrow(expect.objectContaining({ code: 'EINVAL' }))
  expect(() => proc.setSysctl('vm.nothing', 1)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})

test('descriptors of epoll, eventfd and inotify: those of this process', async () => {
  const directory = memory
  const watcher = watch(directory)
  onTestFinished(() => watcher.close())
  const infos = proc.self.fd().map(({ fd }) => ({ fd, info: proc.self.fdinfo(fd) }))
  const open = new Set(infos.map(({ fd }) => fd))
  const epoll = infos.filter(({ info }) => info.epoll !== undefined)
  expect(epoll.length).toBeGreaterThan(0)
  for (const { info } of epoll) for (const target of info.epoll!) expect(open).toContain(target.fd)
  expect(infos.filter(({ info }) => info.eventfd !== undefined).length).toBeGreaterThan(0)
  expect(infos.flatMap(({ info }) => info.inotify ?? []).map(({ inode }) => inode)).toContain(BigInt(statSync(directory).ino))
})

test('a lock, in the list and on its descriptor', async () => {
  const path = join(memory, `procfs-lock-${process.pid}`)
  onTestFinished(() => rmSync(path, { force: true }))
  const { pid } = await start('bash', '-c', 'exec 9>"$0"; flock 9; echo ready; read', path)
  const { ino } = statSync(path, { bigint: true })
  const lock = { type: 'FLOCK', access: 'WRITE', waits: false, file: { inode: ino }, startBytes: 0n }
  expect(proc.locks().filter(({ file }) => file?.inode === ino)).toMatchObject([lock])
  expect(proc.pid(pid).fdinfo(9).locks).toMatchObject([lock])
  expect(proc.pid(pid).openFiles()).toContainEqual(expect.objectContaining({ fd: 9, path, access: 'write', closeOnExec: false }))
})

test('System V objects of an IPC namespace', { skip: !root || !existsSync('/proc/sysvipc') }, () => {
  const script = 'exec >/dev/null; ipcmk -M 8192 -p 640; ipcmk -Q; ipcmk -S 3; cat /proc/sysvipc/$0 >&3'
  const read = (name: string): string => {
    const path = join(tmpdir(), `procfs-${name}-${process.pid}`)
    const fd = openSync(path, 'w+')
    try {
      execFileSync('unshare', ['-i', 'sh', '-c', script, name], { stdio: ['ignore', 'ignore', 'inherit', fd] })
      expect(fstatSync(fd).size).toBeGreaterThan(0)
      return readFileSync(path, 'utf8')
    } finally {
      closeSync(fd)
      rmSync(path)
    }
  }
  expect(parseSysvShm(read('shm'))).toMatchObject([{ sizeBytes: 8192, mode: 0o640, attached: 0 }])
  expect(parseSysvMsg(read('msg'))).toMatchObject([{ messages: 0, bytes: 0 }])
  expect(parseSysvSem(read('sem'))).toMatchObject([{ semaphores: 3 }])
})

test('descendants and ancestors', async () => {
  const { pid } = await start('bash', '-c', 'bash -c "sleep 60 & wait" & echo ready; read')
  await until('a grandchild', () => proc.pid(pid).descendants().some(({ comm }) => comm === 'sleep'))
  const [child, grandchild] = proc.pid(pid).descendants()
  expect([child!.ppid, grandchild!.ppid, grandchild!.comm]).toEqual([pid, child!.pid, 'sleep'])
  expect(proc.pid(grandchild!.pid).ancestors().slice(0, 3).map((each) => each.pid)).toEqual([child!.pid, pid, process.pid])
})

test('the end of a process that is nobody\'s child here, and of one whose parent does not reap', async () => {
  const parent = await start('bash', '-c', 'sleep 60 & echo $!; read')
  await stop(parent.pid)
  const pid = Number(parent.output)
  const waiting = proc.pid(pid).waitForExit()
  const aborted = proc.pid(pid).waitForExit({ signal: AbortSignal.timeout(20) })
  await expect(aborted).rejects.toThrow(expect.objectContaining({ name: 'TimeoutError' }))
  process.kill(pid, 'SIGKILL')
  // As waitpid(2): the signal in the low bits.
  expect(await waiting).toEqual({ waitStatus: 9 })
  const { starttimeTicks } = proc.pid(parent.pid).identity()
  expect(await proc.pid(parent.pid).waitForExit({ starttimeTicks: starttimeTicks + 1 })).toEqual({})
  const gone = proc.pid(parent.pid).waitForExit()
  process.kill(parent.pid, 'SIGKILL')
  expect(Object.keys(await gone).filter((key) => key !== 'waitStatus')).toEqual([])
})

test('processor time of one that spins and of one that sleeps', async () => {
  const spins = await start('bash', '-c', 'echo ready; read -t 0.3; while :; do :; done')
  const sleeps = await start('bash', '-c', 'echo ready; read')
  let highest = 0
  for (let round = 0; round < 40 && highest < 5; round++) highest = Math.max(highest, await proc.pid(spins.pid).cpuPercent(200))
  expect(highest).toBeGreaterThanOrEqual(5)
  expect(await proc.pid(sleeps.pid).cpuPercent(50)).toBeLessThan(5)
  const { percent, cpus } = await proc.cpuUsage(300)
  expect(percent).toBeGreaterThan(0)
  expect(percent).toBeLessThanOrEqual(100)
  expect(cpus.size).toBe(proc.stat().cpus.size)
  await expect(proc.pid(sleeps.pid).cpuPercent(0)).rejects.toThrow('for 0 ms')
})

test('a process that ends while its mappings are read', async () => {
  const child = spawn(process.execPath, ['-e', 'console.log("ready"); process.stdin.resume()'])
  await once(child.stdout, 'data')
  const process_ = proc.pid(child.pid!)
  const total = process_.maps().length
  expect(total).toBeGreaterThan(60)
  const mappings = process_.each('maps')
  expect(mappings.next().done).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  let rest = 0
  try {
    for (const _ of mappings) rest++
  } catch (error) {
    expect(error).toBeInstanceOf(ProcessVanishedError)
  }
  expect(rest).toBeLessThan(total - 1)
  await expect(proc.promises.pid(child.pid!).smaps()).rejects.toThrow(ProcessVanishedError)
})

test('through the thread pool: all processes, a held process, a zombie', async () => {
  const parent = await start('bash', '-c', 'sleep 60 & echo $!; read')
  const pid = Number(parent.output)
  const table = await proc.promises.processes(async (each) => ({ stat: await each.stat(), status: await each.status(), cmdline: await each.cmdline() }))
  expect(table.find(({ stat }) => stat.pid === parent.pid)).toMatchObject({ status: { pid: parent.pid }, cmdline: ['bash', '-c', expect.any(String)] })
  await until('a sleep', () => proc.pid(pid).comm() === 'sleep')
  await stop(parent.pid)
  const held = proc.pid(pid).open()
  try {
    expect(await held.promises.comm()).toBe('sleep')
    process.kill(pid, 'SIGKILL')
    await until('a zombie', () => proc.pid(pid).stat().state === 'Z')
    expect(await held.promises.maps()).toEqual([])
    expect(await held.promises.smaps()).toEqual([])
    expect(await held.promises.auxv()).toEqual([])
    expect([...held.each('maps'), ...held.each('smaps'), ...held.numa_maps()]).toEqual([])
    expect(await held.promises.exe()).toBeUndefined()
  } finally {
    held.close()
  }
  await expect(held.promises.stat()).rejects.toThrow('after close()')
  expect(() => held.thread(pid).stat()).toThrow('after close()')
})
