import { Graph, type Node, type Word } from './graph.ts'

/** Numbers from `from` up to the next range with one answer; `weight` is how often it is wanted, against others. */
export interface Range {
  readonly from: number
  readonly node: Node
  weight: number
}

/** Adds a range behind the others; with the same answer as its neighbour, it becomes a part of that one. */
export function append(ranges: Range[], from: number, node: Node, weight: number): void {
  const before = ranges.at(-1)
  if (before?.node === node) before.weight += weight
  else ranges.push({ from, node, weight })
}

/**
 * The questions that lead from a number to the answer of its range: a search tree in which ranges that are wanted more often are nearer to the root.
 *
 * @param ranges sorted; the first one begins at the lowest number
 */
export function searchTree(graph: Graph, word: Word, ranges: readonly Range[]): Node {
  const [first, second, third] = ranges
  if (second === undefined) return first!.node
  // One number among others: no question about both of its sides.
  if (ranges.length === 3 && first!.node === third!.node && third!.from === second.from + 1) return graph.test(word, 'eq', second.from, second.node, first!.node)
  const total = ranges.reduce((sum, { weight }) => sum + weight, 0)
  let [at, least, left] = [1, Infinity, 0]
  for (let i = 1; i < ranges.length; i++) {
    left += ranges[i - 1]!.weight
    const uneven = Math.abs(total - 2 * left)
    if (uneven < least) [at, least] = [i, uneven]
  }
  return graph.test(word, 'ge', ranges[at]!.from, searchTree(graph, word, ranges.slice(at)), searchTree(graph, word, ranges.slice(0, at)))
}
