import { closeSync, openSync } from 'node:fs'
import { checkpoint, launch, type LaunchedProcess, type LaunchOptions } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodePackage } from '../test/node-program.ts'
import { list, owner, ownerUid, parent, pin, read, relations, tree, unshare, writeIdMaps, type Related } from './index.ts'

let files: Awaited<ReturnType<typeof nodePackage>>
beforeAll(async () => { files = await nodePackage() })
afterAll(() => files.remove())

const root = process.getuid?.() === 0
const waiting: Program = [sys.execve('/bin/sleep', ['sleep', '60'], [], 'somebody must be in there')]

/** Runs `use` while a process sleeps in namespaces of its own. */
async function beside<T>(program: Program, options: LaunchOptions, use: (child: LaunchedProcess) => T | Promise<T>): Promise<T> {
  const child = await launch([...program, ...waiting], { stdio: 'ignore', ...options })
  try {
    return await use(child)
  } finally {
    child.kill()
    await child.closed
  }
}

const found = (inode: number) => list().find((each) => each.inode === inode)
const nobody = { members: [], threads: [], forChildren: [], descriptors: [], pins: [] }

describe.skipIf(!root)('namespaces without a process (needs root)', () => {
  test('one that only a descriptor holds', async () => {
    const fd = await beside([], { namespaces: ['CLONE_NEWUTS'] }, (child) => openSync(`/proc/${child.pid}/ns/uts`, 'r'))
    const { inode } = read({ fd })
    expect(found(inode)).toEqual({ ...nobody, kind: 'uts', inode, descriptors: [{ pid: process.pid, fd }] })
    expect(list({ deep: false }).find((each) => each.inode === inode)).toBeUndefined()
    expect(relations(list()).find((each) => each.inode === inode)?.owner).toBe(read('self', 'user').inode)
    closeSync(fd)
    expect(found(inode)).toBeUndefined()
  })

  test('one that only a thread is in', async () => {
    const { status, out, err } = await files.run(`
      import { closeSync, openSync, readdirSync } from 'node:fs'
      import { enterWorker, list, read, relations } from './index.js'
      import { launch, sys } from './launch.js'
      const box = await launch([sys.execve('/bin/sleep', ['sleep', '60'], [], 'somebody must be in there')], { namespaces: ['CLONE_NEWNET'], stdio: 'ignore' })
      const { inode } = read(box.pid, 'net')
      const worker = await enterWorker({ net: '/proc/' + box.pid + '/ns/net' })
      box.kill()
      await box.closed
      const { threads, ...rest } = list().find((each) => each.inode === inode)
      console.log(JSON.stringify(rest), threads.length, threads[0].pid === process.pid, readdirSync('/proc/self/task').includes(String(threads[0].tid)))
      console.log(relations(list()).find((each) => each.inode === inode).owner === read('self', 'user').inode)
      await worker.close()
      console.log(list().some((each) => each.inode === inode), inode)
    `)
    const inode = Number(out.trim().split(' ').at(-1))
    expect([status, err, out]).toEqual([0, '', `${JSON.stringify({ kind: 'net', inode, members: [], forChildren: [], descriptors: [], pins: [] })} 1 true true\ntrue\nfalse ${inode}\n`])
  })

  test('one that only a pin in another mount namespace holds', async () => {
    const ownMounts: Program = [sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'nothing of the test must reach the host'), sys.mount('tmpfs', '/mnt', 'tmpfs', [], null, 'a place for pins')]
    const box = await launch(waiting, { namespaces: ['CLONE_NEWIPC'], stdio: 'ignore' })
    const { inode } = read(box.pid, 'ipc')
    await beside([...ownMounts, ...pin(`/proc/${box.pid}/ns/ipc`, '/mnt/box')], { namespaces: ['CLONE_NEWNS'] }, async (holder) => {
      box.kill()
      await box.closed
      expect(found(inode)).toEqual({ ...nobody, kind: 'ipc', inode, pins: [{ path: '/mnt/box', pid: holder.pid }] })
      expect(relations(list()).find((each) => each.inode === inode)?.owner).toBe(read('self', 'user').inode)
    })
    expect(found(inode)).toBeUndefined()
  })

  test('one that is there for the next child', async () => {
    await beside(unshare(['time']), {}, (child) => {
      const { inode } = read(`/proc/${child.pid}/ns/time_for_children`)
      const entry = found(inode)!
      // Newer kernels move the process itself when it calls execve (fs/exec.c, exec_task_namespaces).
      expect([entry.kind, [...entry.members, ...entry.forChildren]]).toEqual(['time', [child.pid]])
    })
  })
})

describe.skipIf(!root)('relations (needs root)', () => {
  const maps = { uid: [{ inside: 0, outside: 0, length: 1000 }], gid: [{ inside: 0, outside: 0, length: 1000 }] }

  test('owners and parents of nested namespaces, and one between that nobody is in', async () => {
    // The process leaves the first user namespace for a second one, made by another user.
    const program: Program = [...checkpoint('maps'), sys.setresuid(7, 7, 7, 'who makes a user namespace owns it'), ...unshare(['user', 'uts'])]
    await beside(program, { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWPID'], checkpoints: { maps: ({ pid }) => writeIdMaps(pid, maps) } }, (child) => {
      const ns = (kind: string) => `/proc/${child.pid}/ns/${kind}`
      const [inner, uts, pidNs] = [read(ns('user')).inode, read(ns('uts')).inode, read(ns('pid')).inode]
      const between = parent(ns('user'))!.inode
      const host = read('self', 'user').inode
      expect(found(between)).toBeUndefined()
      const all = relations(list())
      const at = (inode: number): Related => all.find((each) => each.inode === inode)!
      expect(at(inner)).toMatchObject({ kind: 'user', owner: between, parent: between, ownerUid: 7, members: [child.pid] })
      expect(at(between)).toEqual({ ...nobody, kind: 'user', inode: between, owner: host, parent: host, ownerUid: 0 })
      expect(at(uts)).toMatchObject({ owner: inner, parent: undefined, ownerUid: undefined })
      expect(at(pidNs)).toMatchObject({ owner: between, parent: read('self', 'pid').inode })
      const below = tree(all, 'owner').flatMap(({ children }) => children).find(({ namespace }) => namespace.inode === between)!
      expect(below.children.map(({ namespace }) => namespace.inode).sort()).toEqual([inner, pidNs].sort())
      expect(below.children.find(({ namespace }) => namespace.inode === inner)!.children.map(({ namespace }) => namespace.inode)).toEqual([uts])
    })
  })

  test('leaves no descriptor open', () => {
    const before = list().find(({ kind, members }) => kind === 'mnt' && members.includes(process.pid))
    relations(list())
    const open = list().flatMap(({ descriptors }) => descriptors.filter(({ pid }) => pid === process.pid))
    expect([before === undefined, open]).toEqual([false, []])
  })

  test('of a descriptor; the owner of a user namespace; EINVAL for other kinds, ENOTTY for what is no namespace', async () => {
    await beside([...checkpoint('maps'), sys.setresuid(7, 7, 7, 'who makes a user namespace owns it'), ...unshare(['user'])], { namespaces: ['CLONE_NEWUSER'], checkpoints: { maps: ({ pid }) => writeIdMaps(pid, maps) } }, (child) => {
      const fd = openSync(`/proc/${child.pid}/ns/user`, 'r')
      try {
        expect([ownerUid({ fd }), ownerUid(`/proc/${child.pid}/ns/user`), parent({ fd }), owner({ fd })]).toEqual([7, 7, parent(`/proc/${child.pid}/ns/user`), owner(`/proc/${child.pid}/ns/user`)])
        expect(read({ fd })).toEqual(read(child.pid, 'user'))
      } finally {
        closeSync(fd)
      }
    })
    expect(() => ownerUid('/proc/self/ns/net')).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'ioctl' }))
    expect(() => ownerUid('/dev/null')).toThrow(expect.objectContaining({ code: 'ENOTTY', syscall: 'ioctl' }))
  })
})
