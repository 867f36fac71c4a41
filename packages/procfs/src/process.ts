import { closeSync, constants, openSync } from 'node:fs'
import { AsyncProcess } from './async-process.ts'
import { cpuPercent } from './cpu-percent.ts'
import type { Directory, Hold } from './directory.ts'
import { PROCESS_READINGS, threadIds } from './process-readings.ts'
import { readSync } from './read-sync.ts'
import { becomeMethods, type SyncReaders } from './readers.ts'
import { vanished } from './reading.ts'
import { Task } from './task.ts'
import { type Exit, waitForExit, type WaitOptions } from './wait-for-exit.ts'

/**
 * One process of a procfs, by PID. Making one reads nothing; each method reads once.
 *
 * Between two reads the process can end and its PID can be given to another: {@link Process.open} or {@link Process.identity}.
 */
export class Process extends Task {
  readonly pid: number

  constructor(directory: Directory, pid: number) {
    super(directory, pid)
    this.pid = pid
  }

  /** The same readers, with promises; of a held process, of the same one. */
  get promises(): AsyncProcess {
    return new AsyncProcess(this.directory, this.pid)
  }

  /** The threads, by TID. */
  task(): Task[] {
    return readSync(threadIds(this.directory)).map((tid) => this.thread(tid))
  }

  /** One thread. */
  thread(tid: number): Task {
    return new Task(this.directory.thread(tid), tid)
  }

  /**
   * This process held by an open directory: whatever is read through it is of the same process, or fails with
   * ProcessVanishedError, even when the PID has been given to another. Needs procfs at /proc, for the descriptor's link.
   *
   * @example
   * const held = proc.pid(pid).open()
   * try { console.log(held.status().name, held.cgroup()) } finally { held.close() }
   */
  open(): HeldProcess {
    return new HeldProcess(this.directory.root, this.pid)
  }

  /**
   * Settles when the process has ended, or is a zombie. See {@link waitForExit} for what it costs and what can be known.
   *
   * @example
   * ```ts no-run
   * await proc.pid(pid).waitForExit({ signal: AbortSignal.timeout(5000) })
   * ```
   */
  waitForExit(options: WaitOptions = {}): Promise<Exit> {
    return waitForExit(this.directory, options)
  }

  /**
   * The processor time that it takes, all threads together, in per cent of one processor: 250 is two and a half.
   *
   * @param intervalMillis how long to look: the kernel counts in ticks of 10 ms
   */
  cpuPercent(intervalMillis = 100): Promise<number> {
    return cpuPercent(this.directory, intervalMillis)
  }
}

export interface Process extends SyncReaders<typeof PROCESS_READINGS> {}
becomeMethods(Process.prototype, PROCESS_READINGS, readSync)

/** A process whose directory is open; close it, or declare it with `using`. */
export class HeldProcess extends Process implements Disposable {
  #fd: number | undefined
  readonly #hold: Hold

  constructor(root: Directory, pid: number) {
    const plain = root.process(pid)
    let fd: number | undefined
    try {
      fd = openSync(plain.path, constants.O_RDONLY | constants.O_DIRECTORY)
    } catch (error) {
      readSync(vanished(plain, '.', error))
      throw error
    }
    // thread-self, because a thread may have a descriptor table of its own (unshare CLONE_FILES).
    const hold = { base: `/proc/thread-self/fd/${fd}`, closed: false }
    super(root.process(pid, hold), pid)
    this.#fd = fd
    this.#hold = hold
  }

  /** Closing twice is nothing; reading after it is an error. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#hold.closed = true
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
