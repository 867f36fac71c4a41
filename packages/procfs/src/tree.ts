import type { Stat } from './stat.ts'

/** A process and its children, lowest PID first. */
export interface ProcessNode {
  readonly stat: Stat
  readonly children: readonly ProcessNode[]
}

/**
 * The processes as trees, by parent PID.
 *
 * A root is a process whose parent is not in the table: PID 1, kthreadd, those whose parent is outside the PID
 * namespace or vanished while the table was read. Every process is in the result once, also if the parents form a circle.
 *
 * @example
 * processTree(proc.processes())[0]?.stat.pid // 1
 */
export function processTree(table: readonly Stat[]): ProcessNode[] {
  const nodes = new Map<number, { stat: Stat; children: ProcessNode[] }>()
  for (const stat of table) nodes.set(stat.pid, { stat, children: [] })
  const ordered = [...nodes.values()].sort((a, b) => a.stat.pid - b.stat.pid)
  const roots: ProcessNode[] = []
  const placed = new Set<number>()
  for (const node of ordered) {
    // From here up to a placed process or a root: a path that meets itself is a circle, cut where it closes.
    const path: typeof ordered = []
    const onPath = new Set<number>()
    let current: (typeof ordered)[number] | undefined = node
    while (current !== undefined && !placed.has(current.stat.pid) && !onPath.has(current.stat.pid)) {
      path.push(current)
      onPath.add(current.stat.pid)
      current = nodes.get(current.stat.ppid)
    }
    const circle = current !== undefined && onPath.has(current.stat.pid)
    for (const [index, member] of path.entries()) {
      const parent = nodes.get(member.stat.ppid)
      if (parent === undefined || (circle && index === path.length - 1)) roots.push(member)
      else parent.children.push(member)
      placed.add(member.stat.pid)
    }
  }
  const byPid = (a: ProcessNode, b: ProcessNode): number => a.stat.pid - b.stat.pid
  for (const { children } of ordered) children.sort(byPid)
  return roots.sort(byPid)
}

/** Those whose parent is a process, theirs, and so on: parents before children. One that is its own ancestor is listed once. */
export function descendants(table: readonly Stat[], pid: number): Stat[] {
  const byParent = new Map<number, Stat[]>()
  for (const stat of table) {
    const siblings = byParent.get(stat.ppid)
    if (siblings === undefined) byParent.set(stat.ppid, [stat])
    else siblings.push(stat)
  }
  const seen = new Set([pid])
  const found: Stat[] = []
  let parents = [pid]
  while (parents.length > 0) {
    const children = parents.flatMap((parent) => byParent.get(parent) ?? []).filter((stat) => !seen.has(stat.pid))
    for (const stat of children) seen.add(stat.pid)
    found.push(...children)
    parents = children.map((stat) => stat.pid)
  }
  return found
}

/** The parent of a process, its parent, and so on, as far as the table goes. */
export function ancestors(table: readonly Stat[], pid: number): Stat[] {
  const byPid = new Map(table.map((stat) => [stat.pid, stat]))
  const found: Stat[] = []
  const seen = new Set([pid])
  let parent = byPid.get(pid)?.ppid
  while (parent !== undefined && !seen.has(parent)) {
    seen.add(parent)
    const stat = byPid.get(parent)
    if (stat === undefined) break
    found.push(stat)
    parent = stat.ppid
  }
  return found
}
