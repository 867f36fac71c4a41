import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { list, parseLink, parsePins } from './index.ts'

interface Captured {
  readonly ns?: Record<string, string>
  readonly task?: Record<number, Record<string, string>>
  readonly fd?: Record<number, string>
  readonly mountinfo?: string
}

/** A captured /proc: what is in it, as files and links in a folder. */
function captured(processes: Record<number | 'self', Captured>): string {
  const root = mkdtempSync(join(tmpdir(), 'ns-list-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const links = (folder: string, targets: Record<string, string>) => {
    mkdirSync(folder, { recursive: true })
    for (const [name, target] of Object.entries(targets)) symlinkSync(target, join(folder, name))
  }
  for (const [pid, { ns = {}, task = {}, fd, mountinfo }] of Object.entries(processes)) {
    links(join(root, pid, 'ns'), ns)
    for (const [tid, targets] of Object.entries(task)) links(join(root, pid, 'task', tid, 'ns'), targets)
    if (fd) links(join(root, pid, 'fd'), fd)
    if (mountinfo !== undefined) writeFileSync(join(root, pid, 'mountinfo'), mountinfo)
  }
  return root
}

const nobody = { members: [], threads: [], forChildren: [], descriptors: [], pins: [] }

const pinned = '31 25 0:4 net:[4026532001] /run/netns/a\\040b rw shared:9 - nsfs nsfs rw\n'

test('lists namespaces with their members and pins', () => {
  const root = captured({
    self: { mountinfo: '25 1 0:20 / / rw - ext4 /dev/vda rw\n' + pinned },
    10: { ns: { net: 'net:[4026531840]', user: 'user:[4026531837]' } },
    9: { ns: { net: 'net:[4026531840]', user: 'user:[4026531837]', pid_for_children: 'pid:[1]' } },
    11: { ns: { net: 'net:[4026532001]' } },
    12: {},
  })
  const shallow = [
    { ...nobody, kind: 'user', inode: 4026531837, members: [9, 10] },
    { ...nobody, kind: 'net', inode: 4026531840, members: [9, 10] },
    { ...nobody, kind: 'net', inode: 4026532001, members: [11], pins: [{ path: '/run/netns/a b', pid: 'self' }] },
  ]
  expect(list({ root, deep: false })).toEqual(shallow)
  expect(list({ root })).toEqual([shallow[0], { ...nobody, kind: 'pid', inode: 1, forChildren: [9] }, ...shallow.slice(1)])
})

test('a namespace with a pin and no member is there', () => {
  expect(list({ root: captured({ self: { mountinfo: pinned } }) })).toEqual([{ ...nobody, kind: 'net', inode: 4026532001, pins: [{ path: '/run/netns/a b', pid: 'self' }] }])
})

test('so is one that only a thread, a descriptor, the next child, or a mount elsewhere holds', () => {
  const own = { net: 'net:[1]', mnt: 'mnt:[2]' }
  const root = captured({
    self: { mountinfo: pinned },
    20: {
      ns: { ...own, pid_for_children: 'pid:[3]', time_for_children: 'time:[4]', time: 'time:[4]' },
      task: { 20: own, 21: own, 22: { net: 'net:[5]', mnt: 'mnt:[2]' } },
      fd: { 0: '/dev/null', 7: 'uts:[6]', 8: 'net:[5]', 9: 'socket:[7]' },
      mountinfo: pinned + '32 25 0:4 net:[8] /elsewhere rw - nsfs nsfs rw\n',
    },
  })
  expect(list({ root }).filter(({ inode }) => ![1, 2].includes(inode))).toEqual([
    { ...nobody, kind: 'pid', inode: 3, forChildren: [20] },
    { ...nobody, kind: 'net', inode: 5, threads: [{ pid: 20, tid: 22 }], descriptors: [{ pid: 20, fd: 8 }] },
    { ...nobody, kind: 'net', inode: 8, pins: [{ path: '/elsewhere', pid: 20 }] },
    { ...nobody, kind: 'net', inode: 4026532001, pins: [{ path: '/run/netns/a b', pid: 'self' }] },
    { ...nobody, kind: 'uts', inode: 6, descriptors: [{ pid: 20, fd: 7 }] },
    { ...nobody, kind: 'time', inode: 4, members: [20] },
  ])
})

test('a procfs that is not there is an error', () => expect(() => list({ root: '/nonexistent' })).toThrow('ENOENT'))

test('parses the text of a link', () => {
  expect(parseLink('mnt:[4026531841]')).toEqual({ kind: 'mnt', inode: 4026531841 })
  for (const text of ['mnt', 'mnt:[]', 'bogus:[1]', 'mnt:[1] ', '/proc/1/ns/mnt']) expect(parseLink(text)).toBeUndefined()
})

test('parses pins only', () => {
  expect(parsePins(pinned + '32 25 0:4 / /x rw - tmpfs nsfs rw\n33 25 0:4 odd:[1] /y rw - nsfs nsfs rw\n')).toEqual([{ kind: 'net', inode: 4026532001, path: '/run/netns/a b' }])
})
