/** What is known of one process for translating PIDs: the row of a table read once, plain data. */
export interface PidTableRow {
  /** In the PID namespace of the procfs that was read: the host PID. */
  readonly pid: number
  readonly ppid: number
  /** status.nspid: from the procfs's own namespace to the process's, which is the last. */
  readonly nspid: readonly number[]
  /** Inode of its PID namespace; absent when the reader may not ptrace it. */
  readonly namespace?: number
}

/**
 * NSpid alone does not say which namespace a number is in: only the last is known, from the ns/pid link. This error
 * says that the missing levels cannot be told from the table. It takes three levels of namespaces, of which one was
 * entered past its parent (nsenter), or a process that the reader may not ptrace.
 */
export class AmbiguousPidNamespaceError extends Error {
  override readonly name = 'AmbiguousPidNamespaceError'
  readonly code = 'ERR_AMBIGUOUS_PID_NAMESPACE'
}

/** Inode of a PID namespace to the inode of its parent, as ioctl_ns(2) NS_GET_PARENT tells. */
export type PidNamespaceParents = ReadonlyMap<number, number>

/**
 * The PID namespaces of a process table, and translation between them.
 *
 * The depth of a namespace is the length of its members' NSpid. What is above a namespace follows from these rules:
 * a parent process is in the same PID namespace as its child or in one above it (clone(2), setns(2), and adoption by
 * an init or subreaper all keep that); what is above is the same for all that share a namespace; a PID is given once
 * in a namespace; and every namespace above a living one has a living init, so a complete table misses none.
 *
 * @see pid_namespaces(7)
 */
export class PidNamespaces {
  readonly #rows: ReadonlyMap<number, PidTableRow>
  readonly #members = new Map<number, PidTableRow[]>()
  /** What is known to be above each namespace, by depth. */
  readonly #above = new Map<number, Map<number, number>>()
  /** The PIDs known to be taken in each namespace. */
  readonly #taken = new Map<number, Set<number>>()

  constructor(rows: readonly PidTableRow[], parents: PidNamespaceParents = new Map()) {
    this.#rows = new Map(rows.map((row) => [row.pid, row]))
    for (const row of this.#rows.values()) {
      if (row.namespace === undefined) continue
      const members = this.#members.get(row.namespace)
      if (members === undefined) this.#members.set(row.namespace, [row])
      else members.push(row)
    }
    for (const inode of this.#members.keys()) this.#above.set(inode, new Map())
    for (const [inode, parent] of parents) this.#learn(inode, parent)
    for (const row of this.#rows.values()) {
      const parent = this.#rows.get(row.ppid)
      if (row.namespace !== undefined && parent?.namespace !== undefined) this.#learn(row.namespace, parent.namespace)
    }
    while (this.#spread()) { /* until nothing new is learned */ }
    for (const row of this.#rows.values()) this.#take(row)
  }

  /** How many namespaces there are from the procfs's own, 1, down to this one; undefined without visible members. */
  depth(inode: number): number | undefined {
    return this.#members.get(inode)?.[0]?.nspid.length
  }

  /**
   * The namespace of that depth above this one, or itself; undefined when there is none.
   *
   * @throws {AmbiguousPidNamespaceError} when the table does not tell
   */
  ancestor(inode: number, depth: number): number | undefined {
    const own = this.depth(inode)
    if (own === undefined || depth < 1 || depth > own) return undefined
    if (depth === own) return inode
    const known = this.#above.get(inode)?.get(depth)
    if (known !== undefined) return known
    const candidates = [...this.#members.keys()].filter((other) => this.depth(other) === depth && this.#possible(inode, other, depth))
    if (candidates.length > 1 || (depth > 1 && this.#unreadableInit(depth))) {
      throw new AmbiguousPidNamespaceError(`Cannot tell which PID namespace of depth ${depth} is above ${inode}: pass parents, from NS_GET_PARENT`)
    }
    return candidates[0]
  }

  /** The PID of a process in a namespace; undefined when it is neither in it nor below. @throws as {@link ancestor} */
  pidIn(hostPid: number, inode: number): number | undefined {
    const row = this.#rows.get(hostPid)
    const depth = this.depth(inode)
    if (row === undefined || depth === undefined || row.nspid.length < depth) return undefined
    const pid = row.nspid[depth - 1]
    if (row.namespace === inode || depth === 1) return pid
    if (row.namespace === undefined) {
      throw new AmbiguousPidNamespaceError(`Cannot tell the PID namespace of process ${hostPid}: its ns/pid link could not be read`)
    }
    return this.ancestor(row.namespace, depth) === inode ? pid : undefined
  }

  /** The host PID of the process that has a PID in a namespace; undefined without one. @throws as {@link ancestor} */
  hostPid(inode: number, pid: number): number | undefined {
    const depth = this.depth(inode)
    if (depth === undefined) return undefined
    const bearers = [...this.#rows.values()].filter((row) => row.nspid[depth - 1] === pid)
    const member = bearers.find((row) => row.namespace === inode)
    if (member !== undefined) return member.pid
    let undecided: unknown
    for (const bearer of bearers) {
      try {
        if (this.pidIn(bearer.pid, inode) === pid) return bearer.pid
      } catch (error) {
        undecided = error
      }
    }
    if (undecided !== undefined) throw undecided
    return undefined
  }

  /** Remembers that one namespace is above another; what was learned first stays, so that learning ends. */
  #learn(inode: number, above: number): boolean {
    const depth = this.depth(above)
    const own = this.depth(inode)
    const known = this.#above.get(inode)
    if (depth === undefined || own === undefined || known === undefined || depth >= own || known.has(depth)) return false
    known.set(depth, above)
    return true
  }

  /** What is above my ancestor is above me, and what is above me at a lesser depth is above my ancestor. */
  #spread(): boolean {
    let learned = false
    for (const [inode, known] of this.#above) {
      for (const [depth, ancestor] of [...known]) {
        for (const above of this.#above.get(ancestor)?.values() ?? []) learned = this.#learn(inode, above) || learned
        for (const [lesser, above] of [...known]) if (lesser < depth) learned = this.#learn(ancestor, above) || learned
      }
    }
    return learned
  }

  #take(row: PidTableRow): void {
    if (row.namespace === undefined) return
    for (const [depth, inode] of [[row.nspid.length, row.namespace], ...(this.#above.get(row.namespace) ?? [])] as const) {
      const taken = this.#taken.get(inode) ?? new Set()
      this.#taken.set(inode, taken.add(row.nspid[depth - 1] ?? 0))
    }
  }

  #possible(inode: number, candidate: number, depth: number): boolean {
    const above = this.#above.get(inode)
    for (const [lesser, shared] of this.#above.get(candidate) ?? []) {
      if ((above?.get(lesser) ?? shared) !== shared) return false
    }
    const taken = this.#taken.get(candidate)
    return !(this.#members.get(inode) ?? []).some((row) => taken?.has(row.nspid[depth - 1] ?? 0))
  }

  #unreadableInit(depth: number): boolean {
    for (const row of this.#rows.values()) {
      if (row.namespace === undefined && row.nspid.length === depth && row.nspid[depth - 1] === 1) return true
    }
    return false
  }
}
