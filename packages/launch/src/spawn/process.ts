import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import { SyscallError } from '@ctr/syscall'
import type { Exit } from '../exit.ts'
import type { Started } from '../started.ts'
import { supervise } from '../supervise.ts'
import type { TerminalStreams } from '../terminal-streams.ts'
import type { TerminalSize } from '../terminal-size.ts'
import { abortError, spawnFailure } from './error.ts'
import { hold } from './held.ts'
import type { SpawnOptions } from './options.ts'
import { signalName } from './signal.ts'

interface Events {
  /** It has executed the file; before any data. */
  spawn: []
  /** It did not start, a signal could not be sent, or `signal` was aborted. */
  error: [error: Error]
  exit: [code: number | null, signal: NodeJS.Signals | null]
  /** It has ended, and so have its pipes: they may be open elsewhere, in what it has started. */
  close: [code: number | null, signal: NodeJS.Signals | null]
}

/** What is known of a process before it has started, or why it did not. */
interface Beginning {
  readonly file: string
  readonly args: readonly string[]
  readonly started: Started | undefined
  readonly terminal: TerminalStreams | undefined
  readonly failure: Error | undefined
  readonly stdio: readonly (Socket | null)[]
}

/** A process with the events, streams and fields of child_process's ChildProcess. */
export class SpawnedProcess extends EventEmitter<Events> implements AsyncDisposable {
  readonly spawnfile: string
  /** With its own name in front. */
  readonly spawnargs: readonly string[]
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly stdio: readonly (Duplex | null)[]
  /** Null while it runs and where a signal ended it; a negative errno where it did not start. */
  exitCode: number | null = null
  signalCode: NodeJS.Signals | null = null
  /** Whether `kill` has sent a signal, or asked with 0 and found it there. */
  killed = false
  /** What it has used, once it has ended. */
  usage: Pick<Exit, 'userMicros' | 'systemMicros' | 'maxRssBytes'> | undefined
  readonly #started: Started | undefined
  readonly #terminal: TerminalStreams | undefined
  readonly #killSignal: NodeJS.Signals | number
  #refused = false
  #spawned = false
  #aborted: Error | undefined
  #ref = true
  #open: number

  /** @internal */
  constructor({ file, args, started, terminal, failure, stdio }: Beginning, options: SpawnOptions) {
    super()
    this.spawnfile = file
    this.spawnargs = args
    this.#started = started
    this.#terminal = terminal
    this.#killSignal = options.killSignal ?? 'SIGTERM'
    this.stdio = terminal ? [terminal.input, terminal.output, null] : stdio
    this.stdin = this.stdio[0] ?? null
    this.stdout = this.stdio[1] ?? null
    this.stderr = this.stdio[2] ?? null
    const streams = this.stdio.filter((stream) => stream !== null)
    this.#open = 1 + streams.length
    for (const stream of streams) stream.once('close', () => this.#closed())
    if (started === undefined) process.nextTick(() => this.#fail(failure!))
    else void this.#run(started, options, streams.filter(({ readable }) => readable).map(hold))
    this.#watch(options)
  }

  /** Undefined where it did not start; before 'spawn' also where it is to be in new namespaces or a cgroup. */
  get pid(): number | undefined {
    const { child, spawned, plan } = this.#started ?? {}
    return child === undefined || this.#refused || (child === spawned && plan!.forks.length > 0) ? undefined : child.pid
  }

  /** Refers to this process and never to another. -1 once it has ended. */
  get pidfd(): number {
    return this.pid === undefined ? -1 : this.#started!.child.pidfd
  }

  /**
   * Sends a signal.
   *
   * @returns whether it could be sent: not after the process has ended
   * @throws {TypeError} ERR_UNKNOWN_SIGNAL
   */
  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    const name = signalName(signal)
    const child = this.#refused ? undefined : this.#started?.child
    if (name === 0) return (this.killed = child !== undefined && child.pidfd !== -1 && child.poll() === undefined)
    try {
      if (!child?.signal(name)) return false
    } catch (error) {
      this.emit('error', error as Error)
      return false
    }
    this.killed = true
    return true
  }

  /** Where it has a terminal: the programs in it learn its new size. */
  resize(size: TerminalSize): void {
    this.#terminal?.resize(size)
  }

  /** The event loop goes on for the process, which is so from the beginning. */
  ref(): void {
    this.#keep(true)
  }

  /** The event loop may end before the process does. Its pipes have an `unref` of their own. */
  unref(): void {
    this.#keep(false)
  }

  /** Kills the process, waits for its end, and drops what has not been read. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#open === 0) return
    const closed = new Promise((resolve) => this.once('close', resolve))
    if (this.#started && !this.#refused) this.#started.child.signal('SIGKILL')
    for (const stream of this.stdio) stream?.destroy()
    await closed
  }

  #keep(on: boolean): void {
    this.#ref = on
    if (!this.#refused) this.#started?.child.ref(on)
  }

  /** What happens is emitted outside of any promise: what a listener throws is an uncaught exception, as with child_process. */
  async #run(started: Started, options: SpawnOptions, release: readonly (() => void)[]): Promise<void> {
    const spawned = () => {
      this.#spawned = true
      this.emit('spawn')
      if (this.#aborted) this.emit('error', this.#aborted)
      for (const each of release) each()
    }
    try {
      await supervise(started, { ...(options.idMaps ? { idMaps: options.idMaps } : {}), ...(options.checkpoints ? { checkpoints: options.checkpoints } : {}) })
    } catch (error) {
      await started.abandon()
      if (!(error instanceof SyscallError) || !error.code.startsWith('SIG')) {
        this.#refused = true
        process.nextTick(() => this.#fail(error as Error))
        return
      }
      // Killed on its way to the execve: to child_process, which waits for that, it looks as if it came a moment later.
    }
    this.#keep(this.#ref)
    process.nextTick(spawned)
    const exit = await started.exited
    process.nextTick(() => this.#ended(exit))
  }

  #fail(error: Error): void {
    const failure = spawnFailure(error, this.spawnfile, this.spawnargs.slice(1)) ?? error
    this.exitCode = 'errno' in failure ? Number(failure.errno) : -1
    for (const stream of this.stdio) stream?.destroy()
    this.emit('error', failure)
    this.#closed()
  }

  #ended({ code, signal, userMicros, systemMicros, maxRssBytes }: Exit): void {
    this.exitCode = code
    this.signalCode = signal as NodeJS.Signals | null
    this.usage = { userMicros, systemMicros, maxRssBytes }
    this.stdin?.destroy()
    this.emit('exit', this.exitCode, this.signalCode)
    // What nobody reads would never end, and so there would be no 'close'.
    process.nextTick(() => { for (const stream of this.stdio) if (stream?.readable && stream.readableFlowing === null) stream.resume() })
    this.#closed()
  }

  #closed(): void {
    if (--this.#open === 0) this.emit('close', this.exitCode, this.signalCode)
  }

  #watch({ signal, timeout = 0 }: SpawnOptions): void {
    const abort = () => {
      if (!this.kill(this.#killSignal)) return
      // With child_process nothing can happen before 'spawn'.
      if (this.#spawned) this.emit('error', abortError(signal!.reason))
      else this.#aborted = abortError(signal!.reason)
    }
    if (signal?.aborted) process.nextTick(abort)
    else signal?.addEventListener('abort', abort, { once: true })
    const timer = timeout > 0 ? setTimeout(() => this.kill(this.#killSignal), timeout) : undefined
    const stop = () => {
      signal?.removeEventListener('abort', abort)
      clearTimeout(timer)
    }
    this.once('exit', stop)
    this.once('close', stop)
  }
}
