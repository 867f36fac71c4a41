import { readSync, writeSync } from 'node:fs'
import { Child } from './child.ts'
import { open, Owned, pipe, socketPair } from './descriptor.ts'
import { exec } from './exec.ts'
import { reap, type Exit } from './exit.ts'
import { status, statusBytesOf } from './layout.ts'
import { statusPage } from './memfd.ts'
import type { LaunchOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { readStatus, readTimes, type Status, type Timing } from './status.ts'
import { openStdio, streams, type Streams } from './stdio.ts'
import { stdioList } from './stdio-list.ts'

/** What one launch has started, and everything that we hold of it. */
export class Started {
  readonly plan: Plan
  readonly control: number
  readonly streams: Streams
  /** The process that posix_spawn made: the launched one itself or, where there is a clone3, what called it. */
  readonly spawned: Child
  readonly #clones: boolean
  readonly #owned: Owned
  readonly #status: number
  readonly #life: number | undefined
  readonly #trace: boolean
  #cloned: Child | undefined
  #onClone: () => void = () => {}
  readonly #clone = new Promise<void>((resolve) => { this.#onClone = resolve })
  #last: Uint8Array | undefined
  #exited: Promise<Exit> | undefined
  #closed: Promise<void> | undefined

  constructor(plan: Plan, options: LaunchOptions, Stream?: Parameters<typeof streams>[2]) {
    this.plan = plan
    this.#clones = plan.forks.length > 0
    this.#trace = options.trace ?? false
    const ours = (this.#owned = new Owned())
    const theirs = new Owned()
    let pid: number | undefined
    try {
      const stdio = openStdio(stdioList(options.stdio), ours, theirs)
      const [control, theirControl] = socketPair()
      this.control = ours.add(control)
      theirs.add(theirControl)
      this.#status = statusPage(plan.program.length, ours)
      const named: Record<string, number | undefined> = { ...options.pass, control: theirControl, status: this.#status, joined: options.join?.pidfd }
      if ('life' in plan.open) {
        const [read, write] = pipe()
        named['life'] = theirs.add(read)
        this.#life = ours.add(write)
      }
      if (options.cgroup !== undefined) named['cgroup'] = theirs.add(open(options.cgroup, 'O_DIRECTORY'))
      const fds = [...stdio.fds]
      for (const [name, number] of Object.entries(plan.open)) if (name in named) fds[number] = named[name]
      pid = exec(plan, { trace: options.trace, step: options.step !== undefined, fault: options.fault }, options.image, fds, theirs)
      theirs.closeAll()
      this.spawned = new Child(pid)
      this.streams = streams(stdio, ours, Stream)
    } catch (error) {
      theirs.closeAll()
      ours.closeAll()
      if (pid !== undefined) endByPid(pid)
      throw error
    }
  }

  /** How long the calls took; none where nobody asked for it. */
  times(): Timing[] {
    return this.#trace ? readTimes(this.page(), this.plan.program) : []
  }

  /** The process as it is now: before clone3 the one that will call it, afterwards the new one. */
  get child(): Child {
    if (this.#clones && this.#cloned === undefined && this.#last === undefined) {
      // The kernel itself wrote the pid before the process ran. It is our own child, not waited for: the pid cannot have been given away.
      const { pid } = this.status()
      if (pid !== 0) {
        this.#cloned = new Child(pid)
        this.#onClone()
      }
    }
    return this.#cloned ?? this.spawned
  }

  get cloned(): boolean {
    return this.child !== this.spawned
  }

  /** What one side of the program last reported. */
  status(block = 0): Status {
    return readStatus(this.page(status.rows), block)
  }

  /** The status page, or its first bytes; the last that was seen, once we have closed it. */
  page(bytes = statusBytesOf(this.plan.program.length)): Uint8Array {
    if (this.#last !== undefined) return this.#last
    const page = new Uint8Array(new ArrayBuffer(bytes))
    readSync(this.#status, page, 0, bytes, 0)
    return page
  }

  /** How the process ended. */
  get exited(): Promise<Exit> {
    return (this.#exited ??= this.#end())
  }

  /** The process has ended, the other side of clone3 too, and everything of them is closed. */
  get closed(): Promise<void> {
    return this.exited.then(() => this.#closed)
  }

  async #end(): Promise<Exit> {
    if (!this.cloned && this.#clones) await Promise.race([this.spawned.ended, this.#clone])
    const { child } = this
    const exit = await child.ended
    // Nobody has to wait for the other side who does not want to: it takes a switch of processes to end.
    this.#closed = this.#endOther()
    return exit
  }

  /** The other side waits for the end of the life line: a byte from it means that it is not needed any more. */
  async #endOther(): Promise<void> {
    if (this.#life !== undefined) {
      try {
        writeSync(this.#life, 'q')
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'EPIPE' && code !== 'EBADF') throw error
      }
      this.#owned.close(this.#life)
    }
    this.#cloned?.close()
    await this.spawned.ended
    this.spawned.close()
  }

  /** It has come to its execve, or to its end: there will be no more messages and no more progress. */
  async settle(): Promise<void> {
    void this.child
    this.#last ??= this.#trace ? this.page() : this.page(status.rows)
    this.#owned.close(this.control)
    this.#owned.close(this.#status)
    // Nothing waits on a life line where there is none: the other side has ended already.
    if (this.cloned && this.#life === undefined) await this.spawned.ended
  }

  /** All of it is ended and waited for. */
  async abandon(): Promise<void> {
    // The caller of clone3 first: then nothing new can begin.
    this.spawned.signal('SIGKILL')
    await this.spawned.ended
    try {
      this.child.signal('SIGKILL')
      await this.closed
    } catch {
      // There is no descriptor left for its pidfd.
      endByPid(this.status().pid)
      this.spawned.close()
    }
    for (const stream of this.streams.stdio) stream?.destroy()
    this.#owned.closeAll()
  }
}

/** Kills and waits for a child of ours that we have no pidfd of. It blocks for as long as the kernel needs. */
function endByPid(pid: number): void {
  process.kill(pid, 'SIGKILL')
  reap(pid, { type: 'P_PID' })
}
