import { closeSync, openSync, readSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import type { StartOptions } from '../start.ts'
import { UsageError } from './errors/usage-error.ts'
import { shortCall } from './errors/short-call.ts'
import { errColours, say } from './output.ts'

type Pause = NonNullable<StartOptions['step']>

export interface Stepper {
  readonly pause: Pause
  /** Whether the user ended it. */
  readonly aborted: boolean
  close(): void
}

/** A line that somebody typed; undefined at the end of input. */
type ReadLine = () => string | undefined | Promise<string | undefined>

class Aborted extends Error {}

/** Stops before each call, shows it, and goes on when it is told to. */
export async function stepper({ stdinTaken }: { readonly stdinTaken: boolean }): Promise<Stepper> {
  const { readLine, close } = input(stdinTaken)
  const { bold, dim, cyan } = errColours()
  const state = { aborted: false, free: false }
  return {
    get aborted() { return state.aborted },
    close,
    async pause(index, call, process) {
      if (state.free) return
      const of = process.plan.program.length
      say(`${dim(`step ${index + 1}/${of}`)}  ${bold(shortCall(call))}\n  ${call.why}\n`)
      for (;;) {
        say(`  ${dim('look at it:')} ls -l /proc/${process.pid}/ns; cat /proc/${process.pid}/mountinfo\n  ${cyan('Enter')} next · ${cyan('c')} go on · ${cyan('q')} undo it all > `)
        const answer = (await readLine())?.trim()
        if (!isatty(2)) say('\n')
        if (answer === '' || answer === 'n') return
        if (answer === 'c') return void (state.free = true)
        if (answer === undefined || answer === 'q') {
          state.aborted = true
          say(`stopped before step ${index + 1}/${of}: everything is undone\n`)
          throw new Aborted()
        }
      }
    },
  }
}

/** The terminal, whatever stdin is; stdin, where there is no terminal and the container does not have it. */
function input(stdinTaken: boolean): { readonly readLine: ReadLine; close(): void } {
  let fd: number
  try {
    fd = openSync('/dev/tty', 'r')
  } catch {
    if (stdinTaken) throw new UsageError('--step has nobody to ask: stdin goes to the container, and there is no terminal', { id: 'no-terminal', fix: ['leave -i out'] })
    return { readLine: () => lineOf(0), close: () => {} }
  }
  const terminal = new ReadStream(fd)
  const lines = terminal.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>
  return {
    readLine: async () => {
      const { value, done } = await lines.next()
      return done ? undefined : value
    },
    close: () => {
      terminal.destroy()
      try {
        closeSync(fd)
      } catch {
        // libuv took it over, or opened the terminal anew.
      }
    },
  }
}

function lineOf(fd: number): string | undefined {
  const byte = Buffer.alloc(1)
  let line = ''
  while (readSync(fd, byte, 0, 1, null) === 1) {
    if (byte[0] === 10) return line
    line += byte.toString('latin1')
  }
  return line === '' ? undefined : line
}
