import { readFileSync } from 'node:fs'
import type { Constant } from '@ctr/syscall'
import { close } from './descriptor.ts'
import { reap, type Exit } from './exit.ts'
import { openPidfd, signalPidfd } from './pidfd.ts'
import { wait, type Wait } from './wait.ts'

/** A child process of ours, held by its pidfd until it was waited for. */
export class Child {
  readonly pid: number
  readonly #pidfd: number
  #open = true
  #exit: Exit | undefined
  #stat: string | undefined
  #ended: Promise<Exit> | undefined
  #wait: Wait | undefined
  #ref = true
  #signalled: Constant<'signal'> | undefined

  constructor(pid: number) {
    this.pid = pid
    this.#pidfd = openPidfd(pid)
  }

  /** -1 once it is closed: the number may be another's by then. */
  get pidfd(): number {
    return this.#open ? this.#pidfd : -1
  }

  /** How it ended; undefined while it runs. */
  poll(): Exit | undefined {
    if (this.#exit !== undefined || !this.#open) return this.#exit
    const exit = reap(this.pidfd, { keep: true })
    if (exit === undefined) return undefined
    // A zombie still says what it was, until it is waited for.
    if (exit.signal !== null) this.#stat = readStat(this.pid)
    reap(this.pidfd)
    return (this.#exit = exit)
  }

  /** The same, and it stays to be waited for: by whoever its parent is by then. */
  peek(): Exit | undefined {
    return this.#exit ?? (this.#open ? reap(this.pidfd, { keep: true }) : undefined)
  }

  /** Resolves when it has ended. */
  get ended(): Promise<Exit> {
    return (this.#ended ??= this.#end())
  }

  async #end(): Promise<Exit> {
    for (;;) {
      const exit = this.poll()
      if (exit !== undefined) return exit
      this.#wait = wait(this.pidfd)
      this.#wait.ref(this.#ref)
      await this.#wait.readable
    }
  }

  /** Whether a wait for its end keeps the event loop going. */
  ref(on: boolean): void {
    this.#ref = on
    this.#wait?.ref(on)
  }

  /** @returns false when it has ended: its pidfd may be another's by then, so the kernel is not asked */
  signal(signal: Constant<'signal'>): boolean {
    if (this.#exit !== undefined || !this.#open || !signalPidfd(this.pidfd, signal)) return false
    this.#signalled = signal
    return true
  }

  /** The last signal that we have sent. */
  get signalled(): Constant<'signal'> | undefined {
    return this.#signalled
  }

  /** The line of /proc/PID/stat, of a process that a signal ended as it was then; empty where it is not known. */
  get stat(): string {
    return this.#stat ?? (this.#exit === undefined && this.#open ? readStat(this.pid) : '')
  }

  close(): void {
    this.#wait?.cancel()
    if (this.#open) close(this.#pidfd)
    this.#open = false
  }
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}
