import { createReadStream, fstatSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { isatty, ReadStream } from 'node:tty'
import { writeAll } from './output.ts'

/** What the container's command gets as 0, 1 and 2, and what is to be copied between it and us. */
export interface Connection {
  readonly stdio: readonly ['ignore' | 'pipe' | number, 'pipe' | number, 'pipe' | number]
}

/**
 * Pipes, and files to write to, are passed on as they are: nothing is copied, so nothing is changed and nothing is slow. A terminal is
 * not: whoever has it can read what is typed and, by TIOCSTI, type. Nor is a file to read from: through /proc/self/fd/0 root inside
 * could open it once more, for writing. For both the container gets pipes, and we copy.
 */
export function connect({ interactive }: { readonly interactive: boolean }): Connection {
  const outward = (fd: number) => (isatty(fd) ? 'pipe' as const : fd)
  return { stdio: [!interactive ? 'ignore' : isCopied(0) ? 'pipe' : 0, outward(1), outward(2)] }
}

const isCopied = (fd: number) => isatty(fd) || fstatSync(fd).isFile()

/** Whatever comes is written to one of our descriptors, until there is no more. */
export async function copyOut(from: Readable | null, fd: number): Promise<void> {
  try {
    for await (const chunk of from ?? []) writeAll(fd, chunk as Buffer)
  } catch (error) {
    // EIO: the other side of a terminal has closed. EPIPE, EIO of ours: our own reader has.
    if (!['EIO', 'EPIPE', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** What is typed at our terminal goes into a pipe, line by line, as the terminal gives it; or what is in our file. @returns what ends it */
export function copyIn(to: Writable | null): () => void {
  if (to === null) return () => {}
  // libuv opens the terminal anew for this: ours stays blocking for whoever shares it.
  const from = isatty(0) ? new ReadStream(0) : createReadStream('', { fd: 0, autoClose: false, highWaterMark: 1 << 18 })
  to.on('error', () => from.destroy())
  from.on('error', () => to.end())
  from.pipe(to)
  return () => { from.destroy() }
}
