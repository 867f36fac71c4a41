import { EventEmitter } from 'node:events'
import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { hold } from './held-signals.ts'
import { ownChildren } from './own-children.ts'
import { childrenOfMainThread, firstZombie, take, zombiesAmong, type Reaped } from './zombies.ts'

export type { Reaped } from './zombies.ts'

export interface ReaperOptions {
  /** Orphaned descendants come to this process although it is not PID 1 (PR_SET_CHILD_SUBREAPER). */
  readonly subreaper?: boolean
  /**
   * Signals that end the process, with 128 and their number, where the program has no listener for them. For PID 1 the kernel does
   * not do that: it ignores them. Left out: SIGHUP, SIGINT, SIGQUIT and SIGTERM as PID 1, and none elsewhere.
   */
  readonly endOn?: readonly NodeJS.Signals[]
}

export interface ReaperEvents {
  /** An orphan has ended, and is not a zombie any more. */
  reaped: [orphan: Reaped]
  /** A signal that nobody listens for is about to end the process. */
  ending: [signal: NodeJS.Signals]
}

/** How long somebody who waits for a child of their own has for it, however busy the event loop is: it goes round at least once, too. */
const settleMillis = 50

/** What makes Node a good PID 1: see `startReaper`. */
export class Reaper extends EventEmitter<ReaperEvents> {
  readonly #own = ownChildren()
  readonly #releases: (() => void)[]
  /** Zombies that were there at the last look, and of whom it is not known whose they are. */
  #seen: ReadonlySet<number> = new Set()
  #timer: NodeJS.Timeout | undefined

  /** @internal */
  constructor(endOn: readonly NodeJS.Signals[]) {
    super()
    this.#releases = [hold('SIGCHLD', () => this.#soon()), ...endOn.map((signal) => hold(signal, (name, handled) => handled || this.#end(name)))]
    this.#soon() // children that the process had before it executed Node
  }

  /**
   * Keeps a child that neither node:child_process nor anything else on this event loop waits for from being reaped, until the
   * returned function is called: one that native code made, and waits for when it likes.
   *
   * @throws RangeError it is no PID
   */
  claim(pid: number): () => void {
    return this.#own.claim(pid)
  }

  /** Nothing is reaped any more, and signals do what they would. The process stays a subreaper. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const release of this.#releases) release()
    this.#own.stop()
    if (running === this) running = undefined
  }

  #soon(): void {
    // After a time in which the event loop was blocked, the timer comes before the events. Two immediates later, they have been
    // handled, and what the handlers have put off to an immediate.
    this.#timer ??= setTimeout(() => setImmediate(() => setImmediate(() => this.#look())), settleMillis).unref()
  }

  #look(): void {
    this.#timer = undefined
    if (running !== this) return // stopped meanwhile
    const own = this.#own.pids()
    const first = firstZombie()
    if (first === undefined) this.#seen = new Set()
    else if (!this.#lookAtAll(own)) this.#takeFirst(first, own)
  }

  /** Takes the orphans that were there at the last look; who had a child of theirs among them has waited for it since. */
  #lookAtAll(own: ReadonlySet<number>): boolean {
    const children = childrenOfMainThread()
    if (children === undefined) return false
    const zombies = zombiesAmong(children.filter((pid) => !own.has(pid)))
    const before = this.#seen
    this.#seen = new Set(zombies.filter((pid) => !before.has(pid)))
    if (this.#seen.size > 0) this.#soon()
    for (const pid of zombies) if (before.has(pid)) this.#take(pid)
    return true
  }

  /** Without a /proc only the first zombie can be seen, so those behind it cannot be given time. */
  #takeFirst(first: number | undefined, own: ReadonlySet<number>): void {
    for (; first !== undefined && !own.has(first); first = firstZombie()) this.#take(first)
    if (first !== undefined) this.#soon()
  }

  #take(pid: number): void {
    const reaped = take(pid)
    if (reaped) this.emit('reaped', reaped)
  }

  #end(signal: NodeJS.Signals): void {
    this.emit('ending', signal)
    process.exit(128 + constants.signals[signal])
  }
}

let running: Reaper | undefined

/**
 * Orphans that come to this process are reaped, and signals that nobody listens for end it. There is one reaper in a process: a second
 * call returns it, whatever its options.
 *
 * Children of node:child_process are never waited for: they are known. Neither are those of Workers. Who waits for a child of their own
 * on this event loop, or in a thread, has 50 ms for it; for others there is `claim`. Nothing is polled: SIGCHLD starts it.
 *
 * @throws Error not on the main thread, to which alone signals and orphans come
 * @throws SyscallError prctl: EPERM where a seccomp filter forbids it
 * @see pid_namespaces(7), PR_SET_CHILD_SUBREAPER(2const)
 * @example
 * const reaper = startReaper({ subreaper: true })
 * reaper.on('reaped', ({ pid, code }) => console.log(`orphan ${pid} exited with ${code}`))
 */
export function startReaper({ subreaper = false, endOn = process.pid === 1 ? ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] : [] }: ReaperOptions = {}): Reaper {
  if (!isMainThread) throw new Error('Cannot reap in a Worker: signals and orphans come to the main thread')
  if (subreaper) perform([sys.prctl('PR_SET_CHILD_SUBREAPER', 1, 'orphans would go to PID 1, past us')])
  return (running ??= new Reaper(endOn))
}

/** The reaper of this process; undefined where there is none. */
export function currentReaper(): Reaper | undefined {
  return running
}
