import type { Listed } from './list.ts'

/** A namespace with its relations, by inode. */
export interface Related extends Listed {
  /** The user namespace whose privileges count in it; of a user namespace, its parent. */
  readonly owner: number | undefined
  /** The namespace it was made in: of kinds `user` and `pid`. */
  readonly parent: number | undefined
  /** Of a user namespace: the user who has made it, as the caller sees the ID. */
  readonly ownerUid: number | undefined
}

/** A namespace, and those below it. */
export interface Branch {
  readonly namespace: Related
  readonly children: readonly Branch[]
}

/**
 * The namespaces as trees: below the user namespaces that own them, or below those they were made in.
 *
 * @returns the ones whose owner or parent is not among them, in their order; each namespace is there once
 */
export function tree(namespaces: readonly Related[], by: 'owner' | 'parent'): Branch[] {
  const known = new Set(namespaces.map(({ inode }) => inode))
  const below = new Map<number | undefined, Related[]>()
  for (const each of namespaces) {
    const above = each[by] !== undefined && known.has(each[by]) && each[by] !== each.inode ? each[by] : undefined
    below.set(above, [...(below.get(above) ?? []), each])
  }
  const branches = (above: number | undefined): Branch[] => (below.get(above) ?? []).map((namespace) => ({ namespace, children: branches(namespace.inode) }))
  return branches(undefined)
}

/**
 * One line a namespace, drawn as a tree.
 *
 * @param label what a line says of it; its kind, inode and how many processes are in it, if left out
 * @example
 * treeLines(tree(relations(list()), 'owner')) // e.g. ['user 4026531837 212', '├─mnt 4026531841 190', …]
 */
export function treeLines(branches: readonly Branch[], label: (namespace: Related) => string = ({ kind, inode, members }) => `${kind} ${inode} ${members.length}`): string[] {
  const draw = ({ namespace, children }: Branch): string[] => [
    label(namespace),
    ...children.flatMap((child, i) => {
      const last = i === children.length - 1
      return draw(child).map((line, j) => (j === 0 ? (last ? '└─' : '├─') : last ? '  ' : '│ ') + line)
    }),
  ]
  return branches.flatMap(draw)
}
