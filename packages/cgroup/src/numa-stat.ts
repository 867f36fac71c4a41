import type { ReadFile } from './memory-stat.ts'
import { parseNestedKeyed } from './nested-keyed.ts'

/** Memory of the group and everything below it by node, in the kernel's own categories: `{ anon: { 0: 4096 } }`. */
export type NumaStat = Readonly<Record<string, Readonly<Record<number, number>>>>

/**
 * memory.numa_stat; all in bytes but the workingset_ lines of v2, which count pages.
 *
 * @param read of the group's memory directory
 * @param pageBytes v1 counts pages
 */
export function numaStat(version: 1 | 2, pageBytes: number, read: ReadFile): NumaStat | undefined {
  const text = read('memory.numa_stat')
  if (text === undefined) return undefined
  // v1: `total=6790 N0=6790`, and `hierarchical_` for the groups below too: the first word is a key with its sum.
  const lines = version === 1 ? parseNestedKeyed(text.replace(/^(?:hierarchical_)?(\w+)=\d+/gm, (all, name: string) => (all.startsWith('hierarchical_') ? name : `own_${name}`))) : parseNestedKeyed(text)
  return Object.fromEntries([...lines].filter(([name]) => version === 2 || !name.startsWith('own_')).map(([name, nodes]) => [
    name,
    Object.fromEntries(Object.entries(nodes).filter(([node]) => /^N\d+$/.test(node)).map(([node, value]) => [Number(node.slice(1)), (value ?? 0) * (version === 1 ? pageBytes : 1)])),
  ]))
}
