import type { Constant } from '@ctr/syscall'

/** The flag of each kind of namespace, under the name of its link in /proc/PID/ns. See namespaces(7). */
const flagOf = {
  user: 'CLONE_NEWUSER',
  mnt: 'CLONE_NEWNS',
  pid: 'CLONE_NEWPID',
  net: 'CLONE_NEWNET',
  ipc: 'CLONE_NEWIPC',
  uts: 'CLONE_NEWUTS',
  cgroup: 'CLONE_NEWCGROUP',
  time: 'CLONE_NEWTIME',
} as const satisfies Record<string, Constant<'setns'>>

/** A kind of namespace, as /proc/PID/ns calls it. */
export type Kind = keyof typeof flagOf

/** All eight kinds; the user namespace is the first, for it owns those that are made after it. */
export const kinds: readonly Kind[] = Object.keys(flagOf) as Kind[]

/** Whether the text names a kind of namespace. */
export function isKind(text: string): text is Kind {
  return Object.hasOwn(flagOf, text)
}

/**
 * The flags of several kinds, in the order of `kinds`: for unshare(2), setns(2) and clone3(2).
 *
 * @throws TypeError one of them is not a kind of namespace
 * @example
 * cloneFlags(['net', 'uts']) // ['CLONE_NEWNET', 'CLONE_NEWUTS']
 */
export function cloneFlags(of: readonly Kind[]): Constant<'setns'>[] {
  for (const kind of of) if (!isKind(kind)) throw new TypeError(`There is no namespace ${JSON.stringify(kind)}: the kinds are ${kinds.join(', ')}`)
  return kinds.filter((kind) => of.includes(kind)).map((kind) => flagOf[kind])
}
