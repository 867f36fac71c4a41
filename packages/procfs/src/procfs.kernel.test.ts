import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, fstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { parseFdTarget } from './fd.ts'
import { endAll, start, stop, until } from './fixtures/children.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { procfs } from './procfs.ts'
import { USER_HZ } from './stat.ts'

const proc = procfs()

/** The PID of a shell that has run a script, and now waits. */
const shell = async (script: string): Promise<number> => (await start('bash', '-c', `${script}\necho ready; read`)).pid

/** A path that is free, and free again after the test. */
function temporary(name: string): string {
  const path = join(tmpdir(), name)
  onTestFinished(() => rmSync(path, { force: true }))
  return path
}

afterEach(endAll)

const ps = (pid: number, format: string): string => execFileSync('ps', ['-o', format, '-p', String(pid)], { encoding: 'utf8' }).trim()

test('stat and status agree with ps', async () => {
  const pid = await shell('true')
  const stat = proc.pid(pid).stat()
  const status = proc.pid(pid).status()
  const columns = ps(pid, 'pid=,ppid=,pgid=,sid=,ni=,nlwp=,vsz=,rss=,euid=,egid=').split(/\s+/).map(Number)
  expect([stat.pid, stat.ppid, stat.pgrp, stat.session, stat.nice, stat.numThreads, status.vmSizeBytes! / 1024, status.vmRssBytes! / 1024, status.uid.effective, status.gid.effective]).toEqual(columns)
  expect(stat.comm).toBe(ps(pid, 'comm='))
  for (const [column, names] of [['ignored=', status.sigIgn], ['caught=', status.sigCgt], ['blocked=', status.sigBlk]] as const) {
    expect([...BigInt(`0x${ps(pid, column).replace(/^[<>]/, '')}`).toString(2)].filter((bit) => bit === '1')).toHaveLength(names!.length)
  }
  expect(stat.vsizeBytes).toBe(status.vmSizeBytes)
  expect(new Date(proc.stat().bootTimeSeconds * 1000 + stat.starttimeTicks * (1000 / USER_HZ)).getTime() / 1000).toBeCloseTo(Date.parse(ps(pid, 'lstart=')) / 1000, -1)
})

test('USER_HZ is what the C library says', () => {
  expect(Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))).toBe(USER_HZ)
})

test('arguments, environment and command name that lie', async () => {
  const argv0 = 'a) R 1 (b\nc\u001b[31m'
  // One write(2): every write sets the whole name.
  const rename = 'require("fs").writeFileSync("/proc/self/comm", ") R 1\\n("); console.log("ready"); process.stdin.resume()'
  const { pid } = await start('bash', '-c', 'exec -a "$0" "$1" -e "$2"', argv0, globalThis.process.execPath, rename)
  const process = proc.pid(pid)
  expect(process.cmdline()[0]).toBe(argv0)
  expect(process.comm()).toBe(') R 1\n(')
  expect(process.stat()).toMatchObject({ comm: ') R 1\n(', ppid: globalThis.process.pid })
  expect(process.status()).toMatchObject({ name: ') R 1\n(', ppid: globalThis.process.pid, pid })
  expect(process.environ().PATH).toBe(globalThis.process.env.PATH)
})

test('links are what readlink(1) prints', async () => {
  const pid = await shell('cd /usr')
  const process = proc.pid(pid)
  const readlink = (name: string): string => execFileSync('readlink', [`/proc/${pid}/${name}`], { encoding: 'utf8' }).trimEnd()
  expect(process.exe()).toBe(readlink('exe'))
  expect(process.cwd()).toBe('/usr')
  expect(process.root()).toBe('/')
  for (const [link, inode] of Object.entries(process.ns())) expect(readlink(`ns/${link}`)).toBe(`${link.replace('_for_children', '')}:[${inode}]`)
  expect(Object.keys(process.ns()).sort()).toEqual(readdirSync(`/proc/${pid}/ns`).sort())
})

test('descriptors', () => {
  const path = temporary(`procfs a\nb ${process.pid}`)
  const fd = openSync(path, 'w')
  const target = (): string | undefined => proc.self.fd().find((open) => open.fd === fd)?.target
  expect(target()).toBe(path)
  unlinkSync(path)
  expect(parseFdTarget(target()!)).toEqual({ kind: 'path', path, deleted: true })
  closeSync(fd)
  expect(target()).toBeUndefined()
})

test('an open file description, the small files', () => {
  const path = temporary(`procfs-${process.pid}`)
  const fd = openSync(path, 'a')
  writeFileSync(fd, 'twelve bytes')
  const info = proc.self.fdinfo(fd)
  expect(info).toMatchObject({ posBytes: 12n, inode: fstatSync(fd, { bigint: true }).ino, unknown: [] })
  expect(info.flags & constants.O_APPEND).toBe(constants.O_APPEND)
  expect(proc.self.mountinfo().map(({ id }) => id)).toContain(info.mntId)
  closeSync(fd)
  unlinkSync(path)
  expect(() => proc.self.fdinfo(fd)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  expect(proc.self.smaps_rollup()!.pssBytes).toBeGreaterThan(2 ** 20)
  expect(proc.self.smaps_rollup()!.referencedBytes).toBeGreaterThan(2 ** 20)
  expect(proc.self.timerslack_ns()).toBeGreaterThan(0)
  expect(proc.self.cpuset()).toMatch(/^\//)
  expect(proc.self.setgroups()).toBe('allow')
  expect(proc.sysctl('kernel.pid_max')).toBe(execFileSync('cat', ['/proc/sys/kernel/pid_max'], { encoding: 'utf8' }).trim())
  expect(proc.filesystems()).toContainEqual({ name: 'proc', needsDevice: false })
  expect(proc.self.schedstat().runNanos).toBeGreaterThan(0)
  const uid = readFileSync('/proc/self/loginuid', 'utf8')
  expect(proc.self.loginuid()).toBe(uid === '4294967295' ? undefined : Number(uid))
})

test.skipIf(!existsSync('/proc/pressure'))('pressure (needs a kernel with CONFIG_PSI)', () => {
  expect(proc.pressure('memory').some?.totalMicros).toBeGreaterThanOrEqual(0)
})

test('limits are those of prlimit(1)', async () => {
  const pid = await shell('ulimit -n 123; ulimit -Ss 4096')
  const limits = proc.pid(pid).limits()
  expect(limits.RLIMIT_NOFILE).toMatchObject({ soft: 123n, hard: 123n })
  const lines = execFileSync('prlimit', ['--pid', String(pid), '--raw', '--noheadings', '-o', 'RESOURCE,SOFT,HARD'], { encoding: 'utf8' }).trim().split('\n')
  expect(lines).toHaveLength(16)
  for (const line of lines) {
    const [resource, soft, hard] = line.split(/\s+/) as [string, string, string]
    const limit = limits[`RLIMIT_${resource}`]
    expect([resource, String(limit?.soft), String(limit?.hard)]).toEqual([resource, soft, hard])
  }
})

test('io counts what was written', async () => {
  const pid = await shell('head -c 100000 /dev/zero | cat > /dev/null; echo 0123456789 > /dev/null')
  expect(proc.pid(pid).io().wcharBytes).toBeGreaterThanOrEqual(11)
  expect(proc.pid(pid).io().syscw).toBeGreaterThan(0)
})

test('maps are those of the kernel, line by line', async () => {
  const pid = await shell('true')
  const text = readFileSync(`/proc/${pid}/maps`, 'utf8').trimEnd().split('\n')
  const again = proc.pid(pid).maps().map(({ start, end, read, write, execute, shared, inode }) =>
    `${start.toString(16).padStart(8, '0')}-${end.toString(16).padStart(8, '0')} ${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}${shared ? 's' : 'p'} ${inode}`)
  expect(again).toEqual(text.map((line) => { const [range, perms, , , inode] = line.split(/ +/); return `${range} ${perms} ${inode}` }))
})

test.skipIf(process.getuid?.() !== 0)('mounts of any characters, as they were mounted (needs root)', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'procfs-'))
  // Mounted there is something only in the namespace of a process that has ended by then.
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const mountPoint = join(parent, 'a b\n\t\\040#é - x')
  mkdirSync(mountPoint)
  const { pid } = await start('unshare', '-m', '--propagation', 'private', 'sh', '-c', 'mount -n -i -t tmpfs -o size=64k,noexec "$1" "$0" && echo ready && read x', mountPoint, 's o#u\\r')
  const mounts = proc.pid(pid).mountinfo()
  const mount = mounts.find((each) => each.mountPoint === mountPoint)
  expect(mount).toMatchObject({ fsType: 'tmpfs', source: 's o#u\\r', unbindable: false, root: '/' })
  expect(mount?.options).toContain('noexec')
  expect(mount?.superOptions).toContain('size=64k')
  expect(mount?.shared).toBeUndefined()
  expect(proc.self.mountinfo().map((each) => each.mountPoint)).not.toContain(mountPoint)
  expect(mounts.length).toBe(readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trimEnd().split('\n').length)
})

test.skipIf(process.getuid?.() !== 0)('mounts are those of findmnt(8) (needs root)', async () => {
  // A mount namespace of its own, because others may mount meanwhile.
  const { pid } = await start('unshare', '-m', '--propagation', 'private', 'sh', '-c', 'echo ready && read x')
  const { filesystems } = JSON.parse(execFileSync('findmnt', ['--task', String(pid), '--list', '--json', '-o', 'ID,PARENT,TARGET,FSTYPE,SOURCE,MAJ:MIN'], { encoding: 'utf8' })) as { filesystems: Record<string, unknown>[] }
  expect(proc.pid(pid).mountinfo().map(({ id, parentId, mountPoint, fsType, major, minor }) => [id, parentId, mountPoint, fsType, `${major}:${minor}`])).toEqual(
    filesystems.map((each) => [each['id'], each['parent'], each['target'], each['fstype'], each['maj:min']]),
  )
})

test.skipIf(process.getuid?.() !== 0)('the ID maps of a user namespace (needs root)', async () => {
  const { pid } = await start('unshare', '-U', 'sh', '-c', 'echo ready && read x')
  expect(proc.pid(pid).uid_map()).toEqual([])
  writeFileSync(`/proc/${pid}/uid_map`, '0 100000 1000\n1000 5 1\n')
  writeFileSync(`/proc/${pid}/gid_map`, '5 200000 10\n')
  expect(proc.pid(pid).uid_map()).toEqual([{ inside: 0, outside: 100000, length: 1000 }, { inside: 1000, outside: 5, length: 1 }])
  expect(proc.pid(pid).gid_map()).toEqual([{ inside: 5, outside: 200000, length: 10 }])
  const namespace = proc.pid(pid).namespace('user')!
  expect(namespace).not.toBe(proc.self.namespace('user'))
  expect(proc.inNamespace('user', namespace)).toEqual([pid])
})

test('threads and thread-self', async () => {
  expect(proc.self.pid).toBe(process.pid)
  expect(proc.self.task().map(({ tid }) => String(tid))).toEqual(readdirSync('/proc/self/task'))
  expect(proc.threadSelf.stat().pid).toBe(proc.threadSelf.tid)
  const worker = new Worker('require("fs").readlinkSync("/proc/thread-self"); require("worker_threads").parentPort.postMessage(require("fs").readlinkSync("/proc/thread-self")); setTimeout(() => {}, 60000)', { eval: true })
  onTestFinished(async () => { await worker.terminate() })
  const [link] = await once(worker, 'message') as [string]
  expect(proc.self.task().map(({ tid }) => `${process.pid}/task/${tid}`)).toContain(link)
})

test('children and tree are what pgrep finds', async () => {
  const pid = await shell('sleep 60 & sleep 60 &')
  const found = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim().split('\n').map(Number)
  expect(found).toHaveLength(2)
  expect(proc.pid(pid).children()).toEqual(found)
  const flat = proc.tree().flatMap(function walk(node): { pid: number; children: number[] }[] {
    return [{ pid: node.stat.pid, children: node.children.map(({ stat }) => stat.pid) }, ...node.children.flatMap(walk)]
  })
  expect(flat.find((node) => node.pid === pid)?.children).toEqual(found)
  expect(flat.find((node) => node.children.includes(pid))?.pid).toBe(process.pid)
})

test('a process that ends: its own error, through a held directory too', async () => {
  const { child, pid } = await start('bash', '-c', 'echo ready; read')
  const held = proc.pid(pid).open()
  const identity = held.identity()
  expect(held.identity()).toEqual(proc.pid(pid).identity())
  expect(held.thread(pid).stat().pid).toBe(pid)
  expect(proc.pid(pid).same(identity)).toBe(true)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  expect(proc.pid(pid).same(identity)).toBe(false)
  expect(held.same(identity)).toBe(false)
  expect(() => held.status()).toThrow(ProcessVanishedError)
  expect(() => held.fd()).toThrow(ProcessVanishedError)
  expect(() => held.exe()).toThrow(ProcessVanishedError)
  expect(() => held.task()).toThrow(ProcessVanishedError)
  expect(() => proc.pid(pid).open()).toThrow(ProcessVanishedError)
  held.close()
  held.close()
  expect(() => held.stat()).toThrow('after close()')
})

test('a zombie still has a name and an identity, and no links', async () => {
  const parent = await start('bash', '-c', 'sleep 60 & echo $!; read')
  // A stopped parent does not reap.
  await stop(parent.pid)
  const zombie = proc.pid(Number(parent.output))
  await until('a sleep', () => zombie.comm() === 'sleep')
  const identity = zombie.identity()
  process.kill(zombie.pid, 'SIGKILL')
  await until('a zombie', () => zombie.stat().state === 'Z')
  expect(zombie.same(identity)).toBe(true)
  expect(zombie.status()).toMatchObject({ name: 'sleep', state: 'Z' })
  expect(zombie.status().vmRssBytes).toBeUndefined()
  expect([zombie.exe(), zombie.cwd(), zombie.root()]).toEqual([undefined, undefined, undefined])
  expect(zombie.cmdline()).toEqual([])
  expect(zombie.environ()).toEqual({})
  expect(zombie.maps()).toEqual([])
  expect(zombie.smaps_rollup()).toBeUndefined()
  expect(zombie.ns()).toEqual({ pid: proc.self.namespace('pid'), user: proc.self.namespace('user') })
})

test('a table is read while processes come and go', async () => {
  const pid = await shell('echo ready; while ! read -t 0; do /bin/sleep 0.05 & /bin/true; done')
  const came = new Set<number>()
  let rounds = 0
  // Work is counted, not speed: so many tables, and so many children that came and went meanwhile.
  await until('five rounds, five children', () => {
    const table = proc.processes((process) => ({ stat: process.stat(), status: process.status(), command: process.cmdline() }))
    expect(table.length).toBeGreaterThan(2)
    for (const { stat } of table) if (stat.ppid === pid) came.add(stat.pid)
    return ++rounds >= 5 && came.size >= 5
  })
})

test('memory, load, uptime, boot', () => {
  const free = execFileSync('free', ['-b'], { encoding: 'utf8' }).split('\n')[1]!.split(/\s+/)
  expect(proc.meminfo().memTotalBytes).toBe(Number(free[1]))
  const uptime = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  const before = uptime()
  const { uptimeSeconds } = proc.uptime()
  expect(uptimeSeconds).toBeGreaterThanOrEqual(before)
  expect(uptimeSeconds).toBeLessThanOrEqual(uptime())
  expect(proc.loadavg().total).toBeGreaterThan(1)
  expect(proc.stat().cpus.size).toBe(Number(execFileSync('nproc', ['--all'], { encoding: 'utf8' })))
  expect(proc.bootId()).toMatch(/^[0-9a-f-]{36}$/)
})

test('every process of this machine can be read', () => {
  const table = proc.processes((process) => [process.stat(), process.status(), process.statm(), process.cgroup(), process.limits(), process.comm(), process.oom_score_adj(), process.uid_map()])
  expect(table.length).toBeGreaterThan(2)
  expect(proc.processes((process) => Object.keys(process.status().unknown)).flat()).toEqual([])
})
