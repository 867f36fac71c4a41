import { readlinkSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import type { TerminalSize } from '../../terminal.ts'
import { makeRaw } from './termios.ts'
import { windowSize } from './window-size.ts'

const hex = (bytes: Uint8Array) => ({ hex: Buffer.from(bytes).toString('hex') })

/** The terminal that we were started in, and its settings as they were. */
export class HostTerminal {
  readonly #fd: number
  readonly #saved: Uint8Array
  #changed = false

  private constructor(fd: number, saved: Uint8Array) {
    this.#fd = fd
    this.#saved = saved
  }

  static open(fd: number): HostTerminal {
    const { outputs } = perform([sys.ioctl(fd, 'TCGETS', { out: 36 }, 'the settings must be put back as they were')])
    return new HostTerminal(fd, new Uint8Array(outputs.get(0)!))
  }

  size(): TerminalSize {
    return windowSize(this.#fd)
  }

  /** Every key goes to the container as it is typed. */
  raw(): void {
    this.#changed = true
    perform([sys.ioctl(this.#fd, 'TCSETS', hex(makeRaw(this.#saved)), 'the terminal inside does what this one did')])
  }

  /** As it was. A terminal that has gone needs nothing. */
  restore(): void {
    if (!this.#changed) return
    this.#changed = false
    perform([sys.ioctl(this.#fd, 'TCSETS', hex(this.#saved), { why: 'the shell that we came from needs it so', allow: ['EIO', 'EBADF', 'ENOTTY'] })])
  }

  /**
   * The same for the process that is left when we are killed. By path: it has no descriptor of ours. It is in a session of its own,
   * so that the kernel neither stops it for this (SIGTTOU) nor makes the terminal its controlling one.
   */
  restoreCalls(): Program {
    const path = readlinkSync(`/proc/self/fd/${this.#fd}`)
    return [
      sys.openat('AT_FDCWD', path, ['O_RDWR', 'O_NOCTTY', 'O_NONBLOCK', 'O_CLOEXEC'], 0, { as: 'host terminal', why: 'whoever sits there wants to type on', allow: ['ENOENT', 'ENXIO', 'EIO'] }),
      sys.ioctl({ fd: 'host terminal' }, 'TCSETS', hex(this.#saved), { why: 'the terminal must be as it was, though we are gone', allow: ['EBADF', 'EIO', 'ENOTTY'] }),
      sys.close({ fd: 'host terminal' }, { why: 'it is not ours', allow: ['EBADF'] }),
    ]
  }

  /** What is typed here is typed there. @returns what ends it */
  typeInto(to: Writable | null): () => void {
    // libuv opens the terminal anew for this stream: our own description stays blocking for whoever shares it.
    const typed = new ReadStream(this.#fd)
    to?.on('error', () => {})
    typed.on('error', () => {})
    typed.on('data', (chunk) => to?.write(chunk))
    return () => { typed.destroy() }
  }
}
