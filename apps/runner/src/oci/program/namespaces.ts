import { sys, type Constant, type Program } from '@ctr/syscall'
import { timeOffsets } from '@ctr/ns'
import type { OciLinux, OciNamespace } from '../config/linux-shape.ts'

/** clone3 flags, which setns takes too (linux/sched.h). */
const flags = {
  pid: 'CLONE_NEWPID', network: 'CLONE_NEWNET', mount: 'CLONE_NEWNS', ipc: 'CLONE_NEWIPC', uts: 'CLONE_NEWUTS', user: 'CLONE_NEWUSER', cgroup: 'CLONE_NEWCGROUP', time: 'CLONE_NEWTIME',
} as const satisfies Record<OciNamespace['type'], Constant<'setns'>>

export type NamespaceFlag = (typeof flags)[OciNamespace['type']]

export const namespaceFlag = (type: OciNamespace['type']): NamespaceFlag => flags[type]

/**
 * New ones for clone3. The cgroup namespace is not among them: it takes the group of who makes it for its root, so the group has to be
 * joined before. Nor is the time namespace, whose clocks can be moved as long as nobody is in it.
 */
export const newNamespaces = (namespaces: readonly OciNamespace[]): NamespaceFlag[] =>
  namespaces.filter(({ type, path }) => !path && type !== 'cgroup' && type !== 'time').map(({ type }) => flags[type])

/**
 * Those by path are entered before clone3: of a PID namespace only the children of who enters it are members. The user namespace first,
 * which the rights over the others may come from; the mount namespace last, behind which the other paths lead elsewhere.
 *
 * @throws ENOENT a path leads nowhere
 * @throws EINVAL what is there is no namespace of that type
 */
export function enterNamespaces(namespaces: readonly OciNamespace[]): Program {
  const rank = ({ type }: OciNamespace) => (type === 'user' ? 0 : type === 'mount' ? 2 : 1)
  const entered = namespaces.flatMap((each) => (each.path && each.type !== 'cgroup' ? [{ type: each.type, path: each.path }] : [])).sort((a, b) => rank(a) - rank(b))
  return [
    // A FIFO at the path would wait for somebody who writes to it.
    ...entered.map(({ type, path }) => sys.openat('AT_FDCWD', path, ['O_RDONLY', 'O_NONBLOCK', 'O_CLOEXEC'], 0, { as: `${type} namespace`, why: `the ${type} namespace is another's, who may close it at any time` })),
    ...entered.flatMap(({ type }) => [
      sys.setns({ fd: `${type} namespace` }, [flags[type]], 'what is created from here on must be inside, and be of this type'),
      sys.close({ fd: `${type} namespace` }, 'the process is inside now'),
    ]),
  ]
}

/** The cgroup namespace, new or by path, for when the process is in its group. */
export function cgroupNamespace(namespaces: readonly OciNamespace[]): { readonly open: Program; readonly enter: Program } {
  const wanted = namespaces.find(({ type }) => type === 'cgroup')
  if (!wanted) return { open: [], enter: [] }
  if (!wanted.path) return { open: [], enter: [sys.unshare(['CLONE_NEWCGROUP'], 'the group that the container is in must be the root of what it sees')] }
  const fd = { fd: 'cgroup namespace' }
  return {
    open: [sys.openat('AT_FDCWD', wanted.path, ['O_RDONLY', 'O_NONBLOCK', 'O_CLOEXEC'], 0, { as: fd.fd, why: 'the cgroup namespace is another\'s, who may close it at any time' })],
    enter: [sys.setns(fd, ['CLONE_NEWCGROUP'], 'the group had to be joined before: from inside it cannot be named'), sys.close(fd, 'the process is inside now')],
  }
}

/** A new time namespace, for the process that is cloned next, with its clocks. */
export function timeNamespace(namespaces: readonly OciNamespace[], offsets: OciLinux['timeOffsets'] = new Map()): Program {
  if (!namespaces.some(({ type, path }) => type === 'time' && !path)) return []
  const of = (clock: string) => {
    const { secs = 0, nanosecs = 0 } = offsets.get(clock) ?? {}
    return { seconds: Number(secs), nanoseconds: nanosecs }
  }
  return [sys.unshare(['CLONE_NEWTIME'], 'the next child is in it, and its clocks are still to be moved'), ...timeOffsets('self', { monotonic: of('monotonic'), boottime: of('boottime') })]
}
