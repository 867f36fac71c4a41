import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** The children of this process that somebody waits for: they are never reaped by us. */
export interface OwnChildren {
  /** Keeps a child that was not made by node:child_process from being reaped, until the returned function is called. */
  claim(pid: number): () => void
  /** The PIDs of all of them, as things stand. */
  pids(): ReadonlySet<number>
  stop(): void
}

/**
 * Knows every child that node:child_process makes on this thread from now on, whichever of its functions made it.
 *
 * Node tells of each as soon as its object exists, and the PID is there before anything else runs. A child is forgotten when
 * `exitCode` or `signalCode` is set, which is after libuv has reaped it: a moment too late at most, never too early.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html, channel `child_process`
 */
export function ownChildren(): OwnChildren {
  // Weak: libuv holds the object of a child that it waits for, and nobody the object of one that could not be started.
  const made = new Set<WeakRef<ChildProcess>>()
  const claims = new Map<number, number>()
  const add = (message: unknown): void => void made.add(new WeakRef((message as { process: ChildProcess }).process))
  subscribe('child_process', add)
  return {
    claim(pid) {
      if (!Number.isInteger(pid) || pid < 1) throw new RangeError(`Cannot claim process ${pid}: it is no PID`)
      claims.set(pid, (claims.get(pid) ?? 0) + 1)
      let held = true
      return () => {
        if (!held) return
        held = false
        const left = claims.get(pid)! - 1
        if (left === 0) claims.delete(pid)
        else claims.set(pid, left)
      }
    },
    pids() {
      const pids = new Set(claims.keys())
      for (const ref of made) {
        const child = ref.deref()
        if (child === undefined || child.exitCode !== null || child.signalCode !== null) made.delete(ref)
        else if (child.pid !== undefined) pids.add(child.pid)
      }
      return pids
    },
    stop: () => void unsubscribe('child_process', add),
  }
}
