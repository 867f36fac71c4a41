import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { colours, wantsColour, type Colours } from './colour.ts'

/** Nobody reads our output any more. What a shell reports of a process that SIGPIPE ended. */
const brokenPipe = 128 + 13

/**
 * All of it is written, now.
 *
 * process.stdout and process.stderr are not used: Node makes a pipe non-blocking when it opens it as a stream, and the container may
 * have the same pipe.
 */
export function writeAll(fd: number, data: string | Uint8Array): void {
  let rest = typeof data === 'string' ? Buffer.from(data) : data
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      // Somebody else made it non-blocking, and its reader is slow.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** What was asked for, on stdout. A reader that has gone, as in `ctrun ps | head -1`, ends us without a word. */
export function print(text: string): void {
  try {
    writeAll(1, text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(brokenPipe)
    throw error
  }
}

/** What we have to say ourselves, on stderr; where nobody hears it, nothing is lost. */
export function say(text: string): void {
  try {
    writeAll(2, text)
  } catch (error) {
    if (!['EPIPE', 'EIO', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

export const outColours = (): Colours => colours(wantsColour(1))
export const errColours = (): Colours => colours(wantsColour(2))

/** Columns of the terminal; undefined where there is none: then nothing is cut. */
export async function terminalWidth(fd: number): Promise<number | undefined> {
  if (!isatty(fd)) return undefined
  const { WriteStream } = await import('node:tty')
  const [columns] = new WriteStream(fd).getWindowSize()
  return columns || 80
}
