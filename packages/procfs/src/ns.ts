import { ProcParseError } from './proc-parse-error.ts'

/** The kinds of namespace, as the links under /proc/PID/ns are called. */
export type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts'

/** A link under /proc/PID/ns; the `…_for_children` are those that the next child will be born into. */
export type NamespaceLink = NamespaceKind | 'pid_for_children' | 'time_for_children'

/** Every link name, in the directory's order. */
export const NAMESPACE_LINKS: readonly NamespaceLink[] = [
  'cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'time', 'time_for_children', 'user', 'uts',
]

/**
 * Namespace inode numbers of a process by link name. Two processes with the same number are in the same namespace.
 *
 * A link is absent when the kernel has no such kind, for a zombie (all but `pid` and `user`), and for
 * `pid_for_children` between unshare(2) and the first fork.
 */
export type Namespaces = { readonly [Link in NamespaceLink]?: number }

/** A namespace as a link target names it: the kind that the kernel prints, and the inode. */
export interface NamespaceId {
  readonly kind: string
  readonly inode: number
}

/**
 * The kind and inode of a namespace link's target.
 *
 * @throws {ProcParseError} when the text is not `kind:[inode]`
 * @see namespaces(7) The /proc/pid/ns/ directory
 * @example
 * parseNamespaceLink('net:[4026531840]') // { kind: 'net', inode: 4026531840 }
 */
export function parseNamespaceLink(target: string, file = 'ns'): NamespaceId {
  const match = /^([a-z]+):\[(\d{1,15})\]$/.exec(target)
  if (match === null) throw new ProcParseError({ file, line: 1, text: target }, 'kind:[inode]')
  return { kind: match[1]!, inode: Number(match[2]) }
}
