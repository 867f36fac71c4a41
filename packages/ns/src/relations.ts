import { closeSync, fstatSync } from 'node:fs'
import { constant, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { cloneFlags, kinds, type Kind } from './kind.ts'
import type { Listed } from './list.ts'
import type { ProcOptions } from './read.ts'
import type { Related } from './tree.ts'

/**
 * The same namespaces with their owners and parents, and those that nothing but these relations holds: the ancestors of the others.
 *
 * @param listed what `list` has found
 * @returns `owner` and `parent` are undefined above what the caller may see, and where a namespace has gone or cannot be opened
 * @see ioctl_ns(2) NS_GET_USERNS, NS_GET_PARENT, NS_GET_OWNER_UID
 */
export function relations(listed: readonly Listed[], { root = '/proc' }: ProcOptions = {}): Related[] {
  const known = new Map<number, Related>(listed.map((each) => [each.inode, { ...each, owner: undefined, parent: undefined, ownerUid: undefined }]))
  for (const each of listed) {
    const fd = open(each, root)
    if (fd !== undefined) explore(fd, known)
  }
  return [...known.values()].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.inode - b.inode)
}

/** Notes what the kernel says of an open namespace, and of those that it names and that were not known. */
function explore(first: number, known: Map<number, Related>): void {
  const open = [first]
  for (let fd = open.pop(); fd !== undefined; fd = open.pop()) {
    const { inode, kind, owner, parent, ownerUid } = ask(fd)
    known.set(inode, { ...(known.get(inode) ?? { kind, inode, members: [], threads: [], forChildren: [], descriptors: [], pins: [] }), owner: inodeOf(owner), parent: inodeOf(parent), ownerUid })
    closeSync(fd)
    for (const related of [owner, parent]) {
      if (related === undefined) continue
      if (known.has(inodeOf(related)!) || open.some((other) => inodeOf(other) === inodeOf(related))) closeSync(related)
      else open.push(related)
    }
  }
}

const inodeOf = (fd: number | undefined): number | undefined => (fd === undefined ? undefined : fstatSync(fd).ino)

function ask(fd: number): { inode: number; kind: Kind; owner: number | undefined; parent: number | undefined; ownerUid: number | undefined } {
  const { results, fds, outputs } = perform([
    sys.ioctl(fd, 'NS_GET_NSTYPE', 'one that is met as a relative is not known by its link'),
    sys.ioctl(fd, 'NS_GET_USERNS', { as: 'owner', why: 'no file in /proc says it', allow: ['EPERM'] }),
    sys.ioctl(fd, 'NS_GET_PARENT', { as: 'parent', why: 'no file in /proc says it', allow: ['EPERM', 'EINVAL'] }),
    sys.ioctl(fd, 'NS_GET_OWNER_UID', { out: 4 }, { why: 'who has made a user namespace has all rights in it', allow: ['EINVAL'] }),
  ])
  const kind = kinds.find((each) => constant(cloneFlags([each])[0]!) === results[0])!
  const uid = outputs.get(3)!
  return { inode: fstatSync(fd).ino, kind, owner: fds['owner'], parent: fds['parent'], ownerUid: uid.length === 4 ? new DataView(uid.buffer, uid.byteOffset).getUint32(0, true) : undefined }
}

/** A descriptor of a namespace, by whatever of its holders is still there. */
function open({ kind, inode, members, threads, forChildren, descriptors, pins }: Listed, root: string): number | undefined {
  const paths = [
    ...members.map((pid) => `${root}/${pid}/ns/${kind}`),
    ...threads.map(({ pid, tid }) => `${root}/${pid}/task/${tid}/ns/${kind}`),
    ...forChildren.map((pid) => `${root}/${pid}/ns/${kind}_for_children`),
    ...descriptors.map(({ pid, fd }) => `${root}/${pid}/fd/${fd}`),
    ...pins.map(({ path, pid }) => `${root}/${pid}/root${path}`),
  ]
  for (const path of paths) {
    const { fds } = perform([sys.openat('AT_FDCWD', path, ['O_RDONLY', 'O_CLOEXEC', 'O_NONBLOCK'], 0, { as: 'ns', why: 'relations of namespaces are asked of a descriptor', allow: ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'ENXIO', 'ELOOP'] })])
    if (fds['ns'] === undefined) continue
    if (fstatSync(fds['ns']).ino === inode) return fds['ns']
    closeSync(fds['ns']) // its holder has let go of it meanwhile
  }
  return undefined
}
