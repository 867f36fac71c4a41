import type { Socket } from 'node:net'
import type { Constant } from '@ctr/syscall'
import type { Exit } from './exit.ts'
import type { Plan } from './plan.ts'
import type { Started } from './started.ts'
import type { Timing } from './status.ts'

/** A process that was launched, until it has ended. */
export class LaunchedProcess implements AsyncDisposable {
  readonly #started: Started

  /** @internal */
  constructor(started: Started) {
    this.#started = started
  }

  /** The PID in our own PID namespace. At a checkpoint or step before clone3 it is that of the process that will call it. */
  get pid(): number {
    return this.#started.child.pid
  }

  /** Refers to this process and never to another. Closed, and -1, after it has ended. */
  get pidfd(): number {
    return this.#started.child.pidfd
  }

  /** Everything that was made to start it. */
  get plan(): Plan {
    return this.#started.plan
  }

  /** A pipe stays open until it was read to its end, ended or destroyed, even when the process has ended. */
  get stdin(): Socket | null {
    return this.#started.streams.stdin
  }

  get stdout(): Socket | null {
    return this.#started.streams.stdout
  }

  get stderr(): Socket | null {
    return this.#started.streams.stderr
  }

  /** The three, and what else was asked for as 'pipe', by number. */
  get stdio(): readonly (Socket | null)[] {
    return this.#started.streams.stdio
  }

  /** How it ended. Never rejects. */
  get exited(): Promise<Exit> {
    return this.#started.exited
  }

  /** Resolves when nothing of it is left: a moment after `exited`, when the process that watched over it has been waited for too. */
  get closed(): Promise<void> {
    return this.#started.closed
  }

  /** Sends a signal; false when the process has ended already. */
  kill(signal: Constant<'signal'> = 'SIGKILL'): boolean {
    return this.#started.child.signal(signal)
  }

  /** How long each call took, where it was launched with `trace`: all but the first, which makes the place to write times to. */
  times(): Timing[] {
    return this.#started.times()
  }

  /** Lets the event loop end while the process runs; for one that is `detached`. Pipes to it have an `unref` of their own. */
  unref(): this {
    this.#started.child.ref(false)
    return this
  }

  /** Undoes `unref`. */
  ref(): this {
    this.#started.child.ref(true)
    return this
  }

  /** Kills the process, waits for its end, and drops what has not been read. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.closed
    for (const stream of this.stdio) stream?.destroy()
  }
}
