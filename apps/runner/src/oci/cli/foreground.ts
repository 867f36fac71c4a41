import { isatty } from 'node:tty'
import type { LaunchedProcess } from '@ctr/launch'
import type { Constant } from '@ctr/syscall'
import { copyOut } from '../../cli/stdio.ts'
import { forwarded, onSignals } from '../../cli/signals.ts'
import { HostTerminal } from '../../cli/terminal/host-terminal.ts'
import { TerminalStreams } from '../../terminal.ts'

/** What is written late by a descendant that holds the terminal is not waited for any longer than this. */
const lastWordsMillis = 1000

/** Our end of a process that we wait for: signals go to it and, where it has a terminal of its own, so does what is typed here. */
export class Foreground {
  #streams: TerminalStreams | undefined
  #terminal: HostTerminal | undefined

  /** Takes the terminal over that the process has opened. */
  readonly onTerminal = (master: number, sized: boolean): void => {
    this.#streams = new TerminalStreams(master)
    this.#terminal = isatty(0) ? HostTerminal.open(0) : undefined
    if (this.#terminal && !sized) this.#streams.resize(this.#terminal.size())
  }

  get hasTerminal(): boolean {
    return this.#streams !== undefined
  }

  /** @returns the exit status, as shells count it */
  async wait(process: Pick<LaunchedProcess, 'exited' | 'kill'>): Promise<number> {
    const [streams, terminal] = [this.#streams, this.#terminal]
    const off = onSignals(forwarded, (name) => {
      if (name === 'SIGWINCH' && terminal) streams?.resize(terminal.size())
      else process.kill(name as Constant<'signal'>)
    })
    const untyped = terminal && streams ? terminal.typeInto(streams.input) : () => {}
    try {
      terminal?.raw()
      const copied = copyOut(streams?.output ?? null, 1)
      const { status } = await process.exited
      let timer: NodeJS.Timeout | undefined
      await Promise.race([copied, new Promise((resolve) => { timer = setTimeout(resolve, lastWordsMillis) })])
      clearTimeout(timer)
      return status
    } finally {
      untyped()
      off()
      terminal?.restore()
    }
  }
}
