import type { Readable, Writable } from 'node:stream'
import type { TerminalSize } from '../terminal.ts'
import { forwardTo, type ForwardOptions } from './forward.ts'
import { copyOut, copyIn } from './stdio.ts'

/** A process that was started for us, in whichever container. */
export interface Attended<O> {
  readonly pid: number
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly exited: Promise<O>
  kill(signal?: 'SIGKILL'): boolean
  resize(size: TerminalSize): void
}

/** What is written late by a descendant that holds the pipes is not waited for any longer than this. */
const lastWordsMillis = 1000

/** Passes bytes, signals and the size of the terminal on until it has ended. The terminal is as it was afterwards. */
export async function attend<O>(process: Attended<O>, { tty, ...options }: ForwardOptions & { readonly tty: boolean }): Promise<O> {
  const { raw, terminal } = options
  const stop = forwardTo(process, options)
  const untyped = raw ? terminal!.typeInto(process.stdin) : tty ? () => {} : copyIn(process.stdin)
  try {
    if (raw) terminal!.raw()
    const copied = Promise.all([copyOut(process.stdout, 1), copyOut(process.stderr, 2)])
    const outcome = await process.exited
    let timer: NodeJS.Timeout | undefined
    await Promise.race([copied, new Promise((resolve) => { timer = setTimeout(resolve, lastWordsMillis) })])
    clearTimeout(timer)
    return outcome
  } finally {
    untyped()
    stop()
    terminal?.restore()
  }
}
