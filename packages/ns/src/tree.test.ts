import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tree, treeLines, type Branch, type Kind, type Related } from './index.ts'

const ns = (kind: Kind, inode: number, owner?: number, parent?: number, members: number[] = []): Related =>
  ({ kind, inode, owner, parent, ownerUid: undefined, members, threads: [], forChildren: [], descriptors: [], pins: [] })

const all = [ns('user', 1, undefined, undefined, [1, 2]), ns('user', 2, 1, 1), ns('user', 3, 2, 2, [7]), ns('pid', 4, 1, undefined, [1, 2]), ns('pid', 5, 3, 4, [7]), ns('net', 6, 3, undefined, [7])]

test('below their owners', () => {
  expect(treeLines(tree(all, 'owner'))).toEqual(['user 1 2', '├─user 2 0', '│ └─user 3 1', '│   ├─pid 5 1', '│   └─net 6 1', '└─pid 4 2'])
})

test('below those they were made in', () => {
  expect(treeLines(tree(all, 'parent'), ({ inode }) => String(inode))).toEqual(['1', '└─2', '  └─3', '4', '└─5', '6'])
})

test('whatever the relations are, each namespace that has a root is there once, and it ends', () => {
  const some = fc.uniqueArray(fc.record({ inode: fc.nat(20), owner: fc.option(fc.nat(20), { nil: undefined }) }), { selector: ({ inode }) => inode })
  fc.assert(fc.property(some, (list) => {
    const count = (branches: readonly Branch[]): number[] => branches.flatMap(({ namespace, children }) => [namespace.inode, ...count(children)])
    const seen = count(tree(list.map(({ inode, owner }) => ns('user', inode, owner)), 'owner'))
    expect(new Set(seen).size).toBe(seen.length)
    const rooted = (inode: number, left = 30): boolean => { const above = list.find((each) => each.inode === inode)!.owner; return left > 0 && (above === undefined || above === inode || !list.some((each) => each.inode === above) || rooted(above, left - 1)) }
    expect(seen.sort()).toEqual(list.map(({ inode }) => inode).filter((inode) => rooted(inode)).sort())
  }))
})
