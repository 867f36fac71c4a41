import type { Readable, Writable } from 'node:stream'
import { freeze, kill as killGroup, stat, thaw, type Stat } from '@ctr/cgroup'
import type { LaunchedProcess, Plan, Timing } from '@ctr/launch'
import type { Constant } from '@ctr/syscall'
import type { Container } from './container.ts'
import { paused } from './paused.ts'
import type { Outcome, State } from './state.ts'
import { stopProcess } from './stop.ts'
import { howToStop } from './how-to-stop.ts'
import type { TerminalSize } from './terminal.ts'
import { TerminalStreams } from './terminal.ts'

interface Parts {
  readonly state: State
  readonly process: LaunchedProcess
  readonly master: number | undefined
  readonly planned: Container
  readonly outcome: Promise<Outcome>
}

/** A container that we started, until it has ended. */
export class RunningContainer implements AsyncDisposable {
  readonly name: string
  readonly id: string
  /** PID 1 of the container, as the host sees it. */
  readonly pid: number
  /** How it ended. By then its processes, its cgroup and, unless it is kept, its name are gone. */
  readonly exited: Promise<Outcome>
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly #parts: Parts
  readonly #terminal: TerminalStreams | undefined

  /** @internal */
  constructor(parts: Parts) {
    const { state, process, master, outcome } = parts
    this.#parts = parts
    this.name = state.name
    this.id = state.id
    this.pid = process.pid
    this.#terminal = master === undefined ? undefined : new TerminalStreams(master)
    this.stdin = this.#terminal?.input ?? process.stdin
    this.stdout = this.#terminal?.output ?? process.stdout
    this.stderr = process.stderr
    this.exited = outcome
  }

  /** Everything that was made to start it. */
  get plan(): Plan {
    return this.#parts.process.plan
  }

  /** Where it was started with `trace`: when each call began and ended. */
  times(): Timing[] {
    return this.#parts.process.times()
  }

  /** Sends a signal to PID 1; false when it has ended. */
  kill(signal: Constant<'signal'> = 'SIGKILL'): boolean {
    return this.#parts.process.kill(signal)
  }

  /** Asks it to end, and kills it if it has not after `timeoutSeconds`. */
  async stop({ signal, timeoutSeconds }: { readonly signal?: Constant<'signal'>; readonly timeoutSeconds?: number } = {}): Promise<Outcome> {
    const { config } = this.#parts.state
    // A frozen process gets its signals when it is thawed.
    if (paused(this.#parts.planned.group)) await thaw(this.#parts.planned.group)
    await stopProcess({ pidfd: this.#parts.process.pidfd, ended: this.exited, ...howToStop(config, { signal, timeoutSeconds }) })
    return this.exited
  }

  /** Nothing in it runs until `unpause`. */
  pause(): Promise<void> {
    return freeze(this.#parts.planned.group)
  }

  unpause(): Promise<void> {
    return thaw(this.#parts.planned.group)
  }

  /** What it uses now. */
  stats(): Stat {
    return stat(this.#parts.planned.group)
  }

  resize(size: TerminalSize): void {
    this.#terminal?.resize(size)
  }

  /** Kills it, waits until nothing of it is left, and drops what has not been read. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    if (this.#parts.state.config.pid === 'host') await killGroup(this.#parts.planned.group)
    await this.exited
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream?.destroy()
  }
}
