import { closeSync, fstatSync } from 'node:fs'
import { constant, sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import type { Handle } from './handle.ts'
import type { Kind } from './kind.ts'

/** A path: a /proc/PID/ns link, or a file a namespace is pinned on; or an open descriptor of one. */
export type At = string | { readonly fd: number }

/**
 * The user namespace that owns a namespace; of a user namespace, its parent.
 *
 * @returns undefined where it lies outside of what the caller may see: above its own user namespace
 * @throws SyscallError ENOTTY: it is not a namespace
 * @see ioctl_ns(2) NS_GET_USERNS
 */
export function owner(at: At): Handle | undefined {
  return ask(at, 'NS_GET_USERNS', () => 'user')
}

/**
 * The namespace that another was made in. Only user and PID namespaces have one.
 *
 * @returns undefined for the first of all, and where it lies outside of what the caller may see
 * @throws SyscallError EINVAL: the namespace is of a kind that has no parents; ENOTTY: it is not a namespace
 * @see ioctl_ns(2) NS_GET_PARENT
 */
export function parent(at: At): Handle | undefined {
  return ask(at, 'NS_GET_PARENT', (type) => (type === constant('CLONE_NEWUSER') ? 'user' : 'pid'))
}

/**
 * The user who has made a user namespace and has all rights in it, as the caller sees the ID; 65534 where the caller has none for it.
 *
 * @throws SyscallError EINVAL: it is not a user namespace; ENOTTY: it is not a namespace
 * @see ioctl_ns(2) NS_GET_OWNER_UID
 */
export function ownerUid(at: At): number {
  const why = 'who has made a user namespace has all rights in it'
  const { outputs } = perform([...opened(at), sys.ioctl(named(at), 'NS_GET_OWNER_UID', { out: 4 }, why), ...closed(at)])
  const uid = outputs.get(typeof at === 'string' ? 1 : 0)!
  return new DataView(uid.buffer, uid.byteOffset).getUint32(0, true)
}

const named = (at: At): number | { fd: string } => (typeof at === 'string' ? { fd: 'ns' } : at.fd)
const opened = (at: At): Program => (typeof at === 'string' ? [sys.openat('AT_FDCWD', at, ['O_RDONLY', 'O_CLOEXEC', 'O_NONBLOCK'], 0, { as: 'ns', why: 'relations of namespaces are asked of a descriptor' })] : [])
const closed = (at: At): Program => (typeof at === 'string' ? [sys.close({ fd: 'ns' }, 'the answer is all that is needed')] : [])

function ask(at: At, request: 'NS_GET_USERNS' | 'NS_GET_PARENT', kind: (type: number) => Kind): Handle | undefined {
  const { fds, results } = perform([
    ...opened(at),
    sys.ioctl(named(at), 'NS_GET_NSTYPE', 'the kind of the answer follows from it'),
    sys.ioctl(named(at), request, { as: 'related', why: 'no file in /proc says it', allow: ['EPERM'] }),
    ...closed(at),
  ])
  const related = fds['related']
  if (related === undefined) return undefined
  try {
    const { ino, dev } = fstatSync(related)
    return { kind: kind(results[opened(at).length]!), inode: ino, dev }
  } finally {
    closeSync(related)
  }
}
