import type { Directory } from './directory.ts'
import { errorCode } from './error-code.ts'
import { type Connection, connectionsOf, type ConnectionProtocol } from './connections.ts'
import { type Identity, sameIdentity } from './identity.ts'
import { identity } from './identity-reading.ts'
import type { NamespaceLink } from './ns.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { list, type Reading, text } from './reading.ts'
import type { Stat } from './stat.ts'
import { TASK_READINGS } from './task-readings.ts'
import { ancestors, descendants, type ProcessNode, processTree } from './tree.ts'

export function* threadIds(directory: Directory): Reading<number[]> {
  return (yield* list(directory, 'task')).map(Number).sort((a, b) => a - b)
}

/** What only a process has, and no thread: what becomes a method of Process and of AsyncProcess. */
export const PROCESS_READINGS = {
  /**
   * PIDs of the children of all threads, lowest first.
   *
   * When a child exits during the read, the kernel may leave out another one: `proc.tree()` does not have that gap.
   */
  children: function* (directory: Directory): Reading<number[]> {
    const children = new Set<number>()
    for (const tid of yield* threadIds(directory)) {
      try {
        for (const pid of yield* TASK_READINGS.children(directory.thread(tid))) children.add(pid)
      } catch (error) {
        if (!(error instanceof ProcessVanishedError)) throw error
        // A thread has ended, and its children were handed to one of its siblings; or the process has.
        yield* text(directory, 'comm')
      }
    }
    return [...children].sort((a, b) => a - b)
  },
  /** Children, theirs, and so on, from one table of all processes: parents before children. */
  descendants: function* (directory: Directory): Reading<Stat[]> {
    return descendants(yield* processTable(directory.root), directory.pid!)
  },
  /** The parent, its parent, and so on, from one table of all processes. */
  ancestors: function* (directory: Directory): Reading<Stat[]> {
    return ancestors(yield* processTable(directory.root), directory.pid!)
  },
  /** What tells this process from a later one with the same PID. */
  identity,
  /** Whether the PID is still, or is at all, that process. A zombie still is. */
  same: function* (directory: Directory, other: Identity): Reading<boolean> {
    try {
      return sameIdentity(yield* identity(directory), other)
    } catch (error) {
      if (error instanceof ProcessVanishedError) return false
      throw error
    }
  },
  /** The sockets that it has open, of these protocols or of all: those of its own network namespace. */
  connections: function* (directory: Directory, protocols?: readonly ConnectionProtocol[]): Reading<Connection[]> {
    yield* TASK_READINGS.namespace(directory, 'net')
    return (yield* connectionsOf([directory], protocols)).filter(({ owners }) => owners.length > 0)
  },
} as const

export function* pids(directory: Directory): Reading<number[]> {
  const found: number[] = []
  for (const name of yield* list(directory, '.')) if (/^[1-9]\d*$/.test(name)) found.push(Number(name))
  return found.sort((a, b) => a - b)
}

/** One reading of every process; those that vanish meanwhile are left out. */
export function* ofAll<T>(directory: Directory, read: (process: Directory) => Reading<T>): Reading<T[]> {
  const results: T[] = []
  for (const pid of yield* pids(directory)) {
    try {
      results.push(yield* read(directory.process(pid)))
    } catch (error) {
      if (!(error instanceof ProcessVanishedError)) throw error
    }
  }
  return results
}

export const processTable = (directory: Directory): Reading<Stat[]> => ofAll(directory, TASK_READINGS.stat)

/** What is found by looking at every process: what becomes a method of Procfs and of AsyncProcfs. */
export const TABLE_READINGS = {
  /** The PIDs that are there now, lowest first. */
  pids,
  /** The processes as trees: PID 1 first. */
  tree: function* (directory: Directory): Reading<ProcessNode[]> {
    return processTree(yield* processTable(directory))
  },
  /**
   * PIDs of the processes whose main thread is in a namespace; for `pid`, not those in its descendants. A process that
   * the reader may not ptrace is left out.
   *
   * @see namespaces(7) The /proc/pid/ns/ directory
   */
  inNamespace: function* (directory: Directory, kind: NamespaceLink, inode: number): Reading<number[]> {
    const members = yield* ofAll(directory, function* (process) {
      try {
        return (yield* TASK_READINGS.namespace(process, kind)) === inode ? process.pid! : 0
      } catch (error) {
        if (errorCode(error) === 'EACCES') return 0
        throw error
      }
    })
    return members.filter((pid) => pid !== 0)
  },
  /**
   * The sockets of every network namespace that a process is in, with the descriptors that refer to each: of these protocols
   * or of all. A process that the reader may not ptrace is no owner, and its namespace may be missing.
   *
   * @example
   * proc.connections(['tcp', 'tcp6']).filter(({ socket }) => socket.state === 'listen')
   */
  connections: function* (directory: Directory, protocols?: readonly ConnectionProtocol[]): Reading<Connection[]> {
    return yield* connectionsOf((yield* pids(directory)).map((pid) => directory.process(pid)), protocols)
  },
} as const
