import { readSync, writeSync } from 'node:fs'
import { SyscallError, type Program } from '@ctr/syscall'
import { Child } from './child.ts'
import { copy, open, Owned, pipe, socketPair } from './descriptor.ts'
import { exec } from './exec.ts'
import { reap, type Exit } from './exit.ts'
import { status, statusBytesOf } from './layout.ts'
import { statusPage } from './memfd.ts'
import type { LaunchOptions } from './options.ts'
import { planFor } from './plan-for.ts'
import type { Plan } from './plan.ts'
import { readStatus, readTimes, type Status, type Timing } from './status.ts'
import { openStdio, streams, type OpenedStdio, type Streams } from './stdio.ts'
import { stdioList } from './stdio-list.ts'

/** What one launch has started, and everything that we hold of it. */
export class Started {
  readonly streams: Streams
  readonly #options: LaunchOptions
  readonly #owned = new Owned()
  /** What the process gets, for as long as there may be another attempt. */
  readonly #given = new Owned()
  readonly #stdio: OpenedStdio['fds']
  readonly #named: Readonly<Record<string, number>>
  /** How it is started should clone3 fail because of its group. */
  #second: (() => Plan) | undefined
  #attempt: Attempt
  #before: Promise<unknown> | undefined
  #cloned: Child | undefined
  #onClone: () => void = () => {}
  readonly #clone = new Promise<void>((resolve) => { this.#onClone = resolve })
  #last: Uint8Array | undefined
  #exited: Promise<Exit> | undefined
  #closed: Promise<void> | undefined

  constructor(program: Program, options: LaunchOptions, Stream?: Parameters<typeof streams>[2]) {
    const plan = planFor(program, options)
    const { cgroup, cgroupBy, join, pass, step, fault } = options
    this.#options = options
    // What is seen of the calls one by one is not to be seen twice.
    if (cgroup !== undefined && cgroupBy === undefined && step === undefined && fault === undefined) this.#second = () => planFor(program, { ...options, cgroupBy: 'cgroup.procs' })
    const owned = this.#owned
    const given = this.#given
    let begun: Attempt | undefined
    try {
      const stdio = openStdio(stdioList(options.stdio), owned, given)
      const kept = (fd: number) => (this.#second && fd > 2 && !given.has(fd) ? this.#copy(fd) : fd)
      this.#stdio = stdio.fds.map((fd) => (fd === undefined ? fd : kept(fd)))
      this.#named = Object.fromEntries(Object.entries({ ...pass, ...(join ? { joined: join.pidfd } : {}) }).map(([name, fd]) => [name, kept(fd)]))
      begun = this.#attempt = this.#begin(plan)
      if (!this.#second) given.closeAll()
      this.streams = streams(stdio, owned, Stream)
    } catch (error) {
      given.closeAll()
      owned.closeAll()
      if (begun) endByPid(begun.spawned.pid)
      throw error
    }
  }

  /** The caller may close its own before another attempt. Where there can be no copy, there is no other attempt. */
  #copy(fd: number): number {
    try {
      return this.#given.add(copy(fd))
    } catch {
      this.#second = undefined
      return fd
    }
  }

  #begin(plan: Plan): Attempt {
    const { trace, step, fault, image, cgroup } = this.#options
    const owned = this.#owned
    const theirs = new Owned()
    let pid: number | undefined
    try {
      const [control, theirControl] = socketPair()
      owned.add(control)
      theirs.add(theirControl)
      const page = statusPage(plan.program.length, owned)
      const named: Record<string, number> = { ...this.#named, control: theirControl, status: page }
      let life: number | undefined
      if ('life' in plan.open) {
        const [read, write] = pipe()
        named['life'] = theirs.add(read)
        life = owned.add(write)
      }
      if (cgroup !== undefined) named['cgroup'] = theirs.add(open(cgroup, 'O_DIRECTORY'))
      const fds = [...this.#stdio]
      for (const [name, number] of Object.entries(plan.open)) if (name in named) fds[number] = named[name]
      pid = exec(plan, { trace, step: step !== undefined, fault }, image, fds, theirs)
      // They leave room for the descriptor of the process.
      theirs.closeAll()
      return { plan, control, page, life, spawned: new Child(pid) }
    } catch (error) {
      if (pid !== undefined) endByPid(pid)
      throw error
    } finally {
      theirs.closeAll()
    }
  }

  get plan(): Plan {
    return this.#attempt.plan
  }

  get control(): number {
    return this.#attempt.control
  }

  /** The process that posix_spawn made: the launched one itself or, where there is a clone3, what called it. */
  get spawned(): Child {
    return this.#attempt.spawned
  }

  get #clones(): boolean {
    return this.plan.forks.length > 0
  }

  /**
   * Starts it once more, if it was ended by the kernel because clone3 had put it into its group: another way.
   *
   * @param failure what has become of it
   * @returns false where that is not what has happened
   */
  again(failure: Error): boolean {
    const { plan, control, page, life, spawned } = this.#attempt
    const first = plan.program.findIndex(({ name }) => name === 'clone3')
    if (!this.#second || !(failure instanceof SyscallError) || failure.code !== 'SIGKILL' || failure.index !== first || !this.cloned || this.child.signalled !== undefined) return false
    this.child.close()
    spawned.signal('SIGKILL')
    this.#before = spawned.ended.then(() => spawned.close())
    for (const fd of [control, page, ...(life === undefined ? [] : [life])]) this.#owned.close(fd)
    this.#cloned = undefined
    const second = this.#second()
    this.#second = undefined
    this.#attempt = this.#begin(second)
    return true
  }

  /** How long the calls took; none where nobody asked for it. */
  times(): Timing[] {
    return this.#options.trace ? readTimes(this.page(), this.plan.program) : []
  }

  /** The process as it is now: before clone3 the one that will call it, afterwards the new one. */
  get child(): Child {
    if (this.#clones && this.#cloned === undefined && this.#last === undefined) {
      // The kernel itself wrote the pid before the process ran. It is our own child, not waited for: the pid cannot have been given away.
      const { pid } = this.status()
      if (pid !== 0) {
        this.#cloned = new Child(pid)
        // Sent while the kernel was making this one, whom it was meant for.
        if (this.spawned.signalled !== undefined) this.#cloned.signal(this.spawned.signalled)
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
    readSync(this.#attempt.page, page, 0, bytes, 0)
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
    const { life } = this.#attempt
    if (life !== undefined) {
      try {
        writeSync(life, 'q')
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'EPIPE' && code !== 'EBADF') throw error
      }
      this.#owned.close(life)
    }
    this.#cloned?.close()
    await this.spawned.ended
    this.spawned.close()
    await this.#before
  }

  /** It has come to its execve, or to its end: there will be no more messages and no more progress. */
  async settle(): Promise<void> {
    void this.child
    this.#keep()
    this.#owned.close(this.control)
    this.#owned.close(this.#attempt.page)
    this.#given.closeAll()
    // Nothing waits on a life line where there is none: the other side has ended already.
    if (this.cloned && this.#attempt.life === undefined) await this.spawned.ended
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
    this.#keep()
    this.#owned.closeAll()
    this.#given.closeAll()
  }

  /** What the process was is asked for when the page is closed, too. */
  #keep(): void {
    this.#last ??= this.page(this.#options.trace ? undefined : status.rows)
  }
}

/** One start of the plan. */
interface Attempt {
  readonly plan: Plan
  readonly control: number
  /** The status page. */
  readonly page: number
  readonly life: number | undefined
  readonly spawned: Child
}

/** Kills and waits for a child of ours that we have no pidfd of. It blocks for as long as the kernel needs. */
function endByPid(pid: number): void {
  process.kill(pid, 'SIGKILL')
  reap(pid, { type: 'P_PID' })
}
