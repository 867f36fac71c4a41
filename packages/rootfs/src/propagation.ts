import { sys, type Program } from '@ctr/syscall'

/** What one mount does with mounts and unmounts below it. */
export type OwnPropagation = 'shared' | 'slave' | 'private' | 'unbindable'
/** The eight kinds of mount(8): the ones with r hold for every mount below as well. */
export type Propagation = OwnPropagation | `r${OwnPropagation}`

export const propagationFlags = { shared: 'MS_SHARED', slave: 'MS_SLAVE', private: 'MS_PRIVATE', unbindable: 'MS_UNBINDABLE' } as const

/** A word of mount(8) as kind and recursion; undefined for any other word. */
export function parsePropagation(word: string): { readonly kind: OwnPropagation; readonly recursive: boolean } | undefined {
  const recursive = word.startsWith('r')
  const kind = recursive ? word.slice(1) : word
  return Object.hasOwn(propagationFlags, kind) ? { kind: kind as OwnPropagation, recursive } : undefined
}

const reasons = {
  shared: 'mounts made here must appear in every peer, and theirs here',
  slave: 'mounts made here must not reach the host, its own must still arrive',
  private: 'mounting and unmounting must not propagate to the host',
  unbindable: 'nothing below may be cloned by a bind mount',
} as const

/**
 * The mount at a path propagates as asked.
 *
 * @param path of a mount, in the host's view; not of a directory inside of one
 * @see mount_namespaces(7), Shared subtrees
 * @see mount_setattr(2), propagation
 * @example
 * explain(propagation('rslave', '/'), { why: false })
 * // ['mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_SLAVE, userns_fd=0}, 32)']
 */
export function propagation(kind: Propagation, path: string): Program {
  const parsed = parsePropagation(kind)
  if (!parsed) throw new TypeError(`There is no propagation ${JSON.stringify(kind)}: one of ${Object.keys(propagationFlags).join(', ')}, or with r in front`)
  return [sys.mount_setattr('AT_FDCWD', path, parsed.recursive ? ['AT_RECURSIVE'] : [], { propagation: [propagationFlags[parsed.kind]] }, reasons[parsed.kind])]
}

/**
 * No mount of this namespace propagates any more. The first thing to do in a new mount namespace: its copies of the host's shared
 * mounts are peers of the originals (mount_namespaces(7)).
 */
export function privatePropagation(): Program {
  return propagation('rprivate', '/')
}
