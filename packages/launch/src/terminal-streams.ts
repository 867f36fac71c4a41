import { readSync } from 'node:fs'
import type { ReadStream, WriteStream } from 'node:tty'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { resize, type TerminalSize } from './terminal-size.ts'

/** The master side of a terminal, as two streams that are closed each by itself. */
export class TerminalStreams {
  readonly input: WriteStream
  readonly output: ReadStream
  readonly #master: number

  /** @param master is closed with the output */
  constructor(master: number) {
    this.#master = master
    // Loaded for the first terminal: most processes have none, and it comes with all of Node's network.
    const tty = process.getBuiltinModule('node:tty')
    this.output = masterStream(master, tty)
    // A descriptor of its own: two streams would close one twice, and by the second time it may be anything else.
    this.input = new tty.WriteStream(perform([sys.fcntl(master, 'F_DUPFD_CLOEXEC', 3, { as: 'copy', why: 'the end of the input must not hang the terminal up' })]).fds['copy']!)
    // Programs that have ended read nothing any more.
    this.input.on('error', () => {})
    this.output.once('close', () => this.input.destroy())
  }

  /** Nothing happens once the output is closed: the number is another's by then. */
  resize(size: TerminalSize): void {
    if (!this.output.destroyed) resize(this.#master, size)
  }
}

/** Ends, as a pipe does, when the last process has closed the other side; the kernel says EIO then (tty_read in drivers/tty/tty_io.c). */
function masterStream(master: number, { ReadStream }: typeof import('node:tty')): ReadStream {
  return new class extends ReadStream {
    override destroy(error?: Error): this {
      if ((error as NodeJS.ErrnoException | undefined)?.code !== 'EIO') return super.destroy(error)
      this.push(null)
      this.read(0)
      return this
    }

    /**
     * libuv takes a short read with POLLHUP for the end (uv__stream_io in src/unix/stream.c), but a terminal hands out 4 kB at a time
     * (N_TTY_BUF_SIZE in drivers/tty/n_tty.c), whatever else is there.
     */
    override push(chunk: unknown, encoding?: BufferEncoding): boolean {
      if (chunk === null) for (const rest of remaining(master)) super.push(rest)
      return super.push(chunk, encoding)
    }
  }(master)
}

/** What there is to be read without waiting. */
function* remaining(fd: number): Generator<Buffer, void> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(4096)
    try {
      const length = readSync(fd, buffer)
      if (length === 0) return
      yield buffer.subarray(0, length)
    } catch (error) {
      if (['EIO', 'EAGAIN'].includes((error as NodeJS.ErrnoException).code ?? '')) return
      throw error
    }
  }
}
