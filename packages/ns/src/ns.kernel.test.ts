import { closeSync, existsSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { checkpoint, launch, type LaunchedProcess, type LaunchOptions } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { expect, test } from 'vitest'
import { domainname, hostname, join, kinds, list, loopbackUp, owner, parent, parseIdMap, parsePins, pin, read, readAll, sameNamespace, unpin, unshare, writeIdMaps } from './index.ts'

const root = process.getuid?.() === 0
const sh = (script: string): Program => [sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'look from inside')]
const waiting = sh('exec sleep 60')

async function output(program: Program, options: LaunchOptions = {}): Promise<string> {
  const child = await launch(program, { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  let text = ''
  for await (const chunk of child.stdout!) text += chunk
  expect(await child.exited).toMatchObject({ code: 0 })
  return text.trim()
}

/** Runs `use` while a process sleeps in namespaces of its own. */
async function beside<T>(program: Program, options: LaunchOptions, use: (child: LaunchedProcess) => T | Promise<T>): Promise<T> {
  const child = await launch(program, { stdio: 'ignore', ...options })
  try {
    return await use(child)
  } finally {
    child.kill()
    await child.exited
  }
}

const link = (text: string) => Number(/\[(\d+)\]/.exec(text)?.[1])

test.skipIf(!root)('unshare: in a new namespace, and only there (needs root)', async () => {
  expect(link(await output([...unshare(['uts', 'net']), ...sh('readlink /proc/self/ns/uts')]))).not.toBe(read('self', 'uts').inode)
  const inside = await output([...unshare(['pid']), ...sh('readlink /proc/self/ns/pid; true')])
  expect(link(inside)).not.toBe(read('self', 'pid').inode) // the shell's child is in it, not the shell
})

test.skipIf(!root)('hostname and domainname: seen inside, not outside (needs root)', async () => {
  const before = readFileSync('/proc/sys/kernel/hostname', 'utf8')
  expect(await output([...hostname('bäx'), ...domainname('house'), ...sh('cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname')], { namespaces: ['CLONE_NEWUTS'] })).toBe('bäx\nhouse')
  expect(readFileSync('/proc/sys/kernel/hostname', 'utf8')).toBe(before)
})

test('hostname, domainname: EPERM without the right over the UTS namespace', async () => {
  const ids = { idMaps: { uid: [[0, process.getuid!(), 1]], gid: [[0, process.getgid!(), 1]] }, namespaces: ['CLONE_NEWUSER'], stdio: 'ignore' } as const
  await expect(launch(hostname('x'), ids)).rejects.toMatchObject({ code: 'EPERM', syscall: 'sethostname' })
  await expect(launch(domainname('x'), ids)).rejects.toMatchObject({ code: 'EPERM', syscall: 'setdomainname' })
  await expect(launch(loopbackUp(), ids)).rejects.toMatchObject({ code: 'EPERM', syscall: 'ioctl' })
  await expect(launch(unshare(['uts']), { namespaces: [], stdio: 'ignore', ...(root ? { stage: [sys.capset({ effective: [], permitted: [], inheritable: [] }, 'be nobody')] } : {}) })).rejects.toMatchObject({ code: 'EPERM', syscall: 'unshare' })
})

test.skipIf(!root)('loopbackUp: the addresses are there (needs root)', async () => {
  const look = sh('cat /proc/self/net/fib_trie /proc/self/net/if_inet6 2>/dev/null; true')
  expect(await output(look, { namespaces: ['CLONE_NEWNET'] })).not.toContain('127.0.0.1')
  const text = await output([...loopbackUp(), ...look], { namespaces: ['CLONE_NEWNET'] })
  expect(text).toContain('127.0.0.1')
  if (existsSync('/proc/self/net/if_inet6')) expect(text).toMatch(/^0{31}1 .*lo$/m)
})

test.skipIf(!root)('join: by pidfd all at once, by descriptors one by one (needs root)', async () => {
  await beside(waiting, { namespaces: ['CLONE_NEWUTS', 'CLONE_NEWNET', 'CLONE_NEWIPC', 'CLONE_NEWPID', 'CLONE_NEWNS'] }, async (target) => {
    const look = sh('for k in uts net mnt; do readlink /proc/self/ns/$k; done')
    const there = ['uts', 'net', 'mnt'].map((kind) => read(target.pid, kind as 'uts').inode)
    const all = join({ pidfd: { fd: 'target' }, kinds: ['uts', 'net', 'mnt'] })
    expect((await output([...all, ...look], { pass: { target: target.pidfd } })).split('\n').map(link)).toEqual(there)

    const fds = { uts: openSync(`/proc/${target.pid}/ns/uts`, 'r'), net: openSync(`/proc/${target.pid}/ns/net`, 'r'), mnt: openSync(`/proc/${target.pid}/ns/mnt`, 'r') }
    try {
      const one = join({ fds: { uts: { fd: 'uts' }, net: { fd: 'net' }, mnt: { fd: 'mnt' } } })
      expect((await output([...one, ...look], { pass: fds })).split('\n').map(link)).toEqual(there)
      await expect(launch(join({ fds: { net: { fd: 'uts' } } }), { pass: fds, stdio: 'ignore' })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'setns' })
    } finally {
      for (const fd of Object.values(fds)) closeSync(fd)
    }
  })
})

test.skipIf(!root)('join: ESRCH when the process has ended (needs root)', async () => {
  const target = await launch(waiting, { namespaces: ['CLONE_NEWUTS'], stdio: 'ignore' })
  const pidfd = perform([sys.fcntl(target.pidfd, 'F_DUPFD_CLOEXEC', 0, { as: 'copy', why: 'launch closes its own when the process has ended' })]).fds['copy']!
  try {
    target.kill()
    await target.exited
    await expect(launch(join({ pidfd: { fd: 'target' }, kinds: ['uts'] }), { pass: { target: pidfd }, stdio: 'ignore' })).rejects.toMatchObject({ code: 'ESRCH', syscall: 'setns' })
  } finally {
    closeSync(pidfd)
  }
})

test.skipIf(!root)('join: the PID namespace is that of the next child (needs root)', async () => {
  await beside(waiting, { namespaces: ['CLONE_NEWPID'] }, async (target) => {
    expect(link(await output([...join({ pidfd: { fd: 'target' }, kinds: ['pid'] }), ...sh('readlink /proc/self/ns/pid_for_children; true')], { pass: { target: target.pidfd } }))).toBe(read(target.pid, 'pid').inode)
  })
})

test('read: a handle of the calling thread, of a process, of a path', () => {
  const self = readAll('self')
  for (const kind of kinds) {
    if (kind === 'time' && !self.time) continue // needs CONFIG_TIME_NS
    expect(read('self', kind)).toEqual(self[kind])
    expect(sameNamespace(read(process.pid, kind), read(`/proc/self/ns/${kind}`))).toBe(true)
    expect(self[kind]).toMatchObject({ kind, inode: link(readlinkSync(`/proc/self/ns/${kind}`)) })
  }
  expect(sameNamespace(read('self', 'net'), read('self', 'uts'))).toBe(false)
})

test('read: refuses what is no namespace', () => {
  expect(() => read('/dev/null')).toThrow(new TypeError('/dev/null is not a namespace'))
  expect(() => read('/etc/passwd')).toThrow(new TypeError('/etc/passwd is not a namespace'))
  expect(() => read(2 ** 22 + 1, 'net')).toThrow('ENOENT')
  expect(() => readAll(2 ** 22 + 1)).toThrow('ENOENT')
  expect(() => read('self', 'network' as 'net')).toThrow('There is no namespace "network"')
})

test.skipIf(!root)('list: a namespace comes and goes with its members (needs root)', async () => {
  const handle = await beside(waiting, { namespaces: ['CLONE_NEWUTS'] }, (child) => {
    const uts = read(child.pid, 'uts')
    expect(list().find(({ inode }) => inode === uts.inode)).toEqual({ kind: 'uts', inode: uts.inode, members: [child.pid], threads: [], forChildren: [], descriptors: [], pins: [] })
    expect(list().find(({ inode }) => inode === read('self', 'uts').inode)?.members).toContain(process.pid)
    return uts
  })
  expect(list().find(({ inode }) => inode === handle.inode)).toBeUndefined()
})

test.skipIf(!root)('owner and parent of namespaces (needs root)', async () => {
  const maps = { uid: [{ inside: 0, outside: 0, length: 1 }], gid: [{ inside: 0, outside: 0, length: 1 }] }
  await beside([...checkpoint('maps'), ...waiting], { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWUTS', 'CLONE_NEWPID'], checkpoints: { maps: (p) => writeIdMaps(p.pid, maps) } }, (child) => {
    const ns = (kind: string) => `/proc/${child.pid}/ns/${kind}`
    expect(owner(ns('uts'))).toEqual(read(child.pid, 'user'))
    expect(owner(ns('user'))).toEqual(read('self', 'user'))
    expect(parent(ns('user'))).toEqual(read('self', 'user'))
    expect(parent(ns('pid'))).toEqual(read('self', 'pid'))
  })
  expect(parent('/proc/self/ns/user')).toBeUndefined()
})

test('owner and parent: EINVAL for a kind without parents, ENOTTY for what is no namespace', () => {
  expect(() => parent('/proc/self/ns/net')).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'ioctl' }))
  expect(() => owner('/dev/null')).toThrow(expect.objectContaining({ code: 'ENOTTY', syscall: 'ioctl' }))
})

test.skipIf(!root)('writeIdMaps: the IDs mean something inside, and it works once (needs root)', async () => {
  const uid = [{ inside: 0, outside: 100000, length: 10 }, { inside: 1000, outside: 0, length: 1 }]
  const gid = [{ inside: 0, outside: 200000, length: 10 }]
  let first: unknown
  let second: unknown
  const program = [...checkpoint('maps'), ...sh('cat /proc/self/uid_map; echo -; cat /proc/self/gid_map; echo -; cat /proc/self/setgroups; id -u')]
  const text = await output(program, { namespaces: ['CLONE_NEWUSER'], checkpoints: { maps: (p) => {
    try { writeIdMaps(p.pid, { uid, gid, setgroups: 'deny' }) } catch (error) { first = error }
    try { writeIdMaps(p.pid, { uid, gid }) } catch (error) { second = error }
  } } })
  expect(first).toBeUndefined()
  const [u = '', g = '', rest] = text.split('\n-\n')
  expect([parseIdMap(u), parseIdMap(g), rest]).toEqual([uid, gid, 'deny\n1000'])
  expect(second).toMatchObject({ code: 'EPERM', syscall: 'write', index: 1 })
})

test('writeIdMaps: ENOENT when the process has ended', () => {
  const map = [{ inside: 0, outside: 0, length: 1 }]
  expect(() => writeIdMaps(2 ** 22 + 1, { uid: map, gid: map })).toThrow(expect.objectContaining({ code: 'ENOENT', path: `/proc/${2 ** 22 + 1}/uid_map` }))
})

const ownTmp: Program = [
  sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'nothing of the test must reach the host'),
  sys.mount('tmpfs', '/mnt', 'tmpfs', [], null, 'a place for pins'),
]

test.skipIf(!root)('pin: a namespace outlives its processes (needs root)', async () => {
  const target = await launch(waiting, { namespaces: ['CLONE_NEWNET'], stdio: 'ignore' })
  const net = read(target.pid, 'net')
  await beside([...ownTmp, ...pin(`/proc/${target.pid}/ns/net`, '/mnt/box'), ...waiting], { namespaces: ['CLONE_NEWNS'] }, async (holder) => {
    target.kill()
    await target.exited
    expect(read(`/proc/${holder.pid}/root/mnt/box`)).toEqual(net)
    expect(parsePins(readFileSync(`/proc/${holder.pid}/mountinfo`, 'utf8'))).toEqual([{ kind: 'net', inode: net.inode, path: '/mnt/box' }])
  })
})

test.skipIf(!root)('unpin: the mount and the file are gone (needs root)', async () => {
  const program = [...ownTmp, ...pin('/proc/self/ns/net', '/mnt/box'), ...unpin('/mnt/box'), ...sh('ls /mnt; grep -c nsfs /proc/self/mountinfo; true')]
  const text = await output(program, { namespaces: ['CLONE_NEWNS'] })
  expect(text).toBe(String(readFileSync('/proc/self/mountinfo', 'utf8').split(' - nsfs ').length - 1))
})

test.skipIf(!root)('pin and unpin: EEXIST, ELOOP, EINVAL, ENOENT (needs root)', async () => {
  const fails = (program: Program) => launch([...ownTmp, ...program], { namespaces: ['CLONE_NEWNS'], stdio: 'ignore' })
  await expect(fails([...pin('/proc/self/ns/net', '/mnt/box'), ...pin('/proc/self/ns/net', '/mnt/box')])).rejects.toMatchObject({ code: 'EEXIST', syscall: 'openat', path: '/mnt/box' })
  await expect(fails(pin('/proc/self/ns/mnt', '/mnt/box'))).rejects.toMatchObject({ code: 'ELOOP' })
  await expect(fails([sys.mkdirat('AT_FDCWD', '/mnt/d', 0o700, 'not a mount point'), ...unpin('/mnt/d')])).rejects.toMatchObject({ code: 'EINVAL', syscall: 'umount2' })
  await expect(fails(unpin('/mnt/nothing'))).rejects.toMatchObject({ code: 'ENOENT', syscall: 'umount2' })
})
