import type { Socket } from 'node:net'
import type { DbusValue } from './dbus-value.ts'
import { decodeMessage, encodeMessage, type DbusMessage } from './message.ts'

/** How long an answer may take: what is asked for takes milliseconds, on a busy machine seconds. */
const patienceMillis = 30_000

/** A call that was refused. */
export class DbusError extends Error {
  /** As the specification names errors: `org.freedesktop.systemd1.UnitExists`. */
  readonly error: string
  constructor(error: string, message: string) {
    super(message)
    this.name = 'DbusError'
    this.error = error
  }
}

export interface DbusCall {
  readonly destination: string
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly signature?: string
  readonly body?: readonly DbusValue[]
}

/** Our end of a connection of D-Bus, to a bus or to a service itself. */
export class DbusConnection {
  /** Called with each signal that comes. */
  onSignal: (signal: DbusMessage) => void = () => {}
  readonly #socket: Socket
  readonly #replies = new Map<number, (reply: DbusMessage) => void>()
  readonly #watchers = new Set<() => void>()
  readonly #gone: Promise<never>
  #end!: (why: Error) => void
  #received: Buffer = Buffer.alloc(0)
  #serial = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#gone = new Promise((_, reject) => { this.#end = reject })
    // Who waits for something hears of it there.
    this.#gone.catch(() => socket.destroy())
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#end(error))
    socket.on('close', () => this.#end(new Error('the connection was closed')))
  }

  /**
   * @param path of a socket; with a NUL byte in front it is one without a file (unix(7), abstract)
   * @throws ENOENT, ECONNREFUSED, EACCES nobody is there for us
   */
  static async open(path: string): Promise<DbusConnection> {
    // In a bundle of one file, what is imported in the usual way is loaded at every start.
    const { createConnection } = await import('node:net')
    const socket = createConnection({ path })
    try {
      await deadline(authenticated(socket), `authentication at ${path}`)
      return new DbusConnection(socket)
    } catch (error) {
      // Also of one that was destroyed, an error may come.
      socket.on('error', () => {}).destroy()
      throw error
    }
  }

  /** @returns what was answered @throws DbusError it was refused; Error there is no answer */
  async call(call: DbusCall): Promise<readonly DbusValue[]> {
    const serial = ++this.#serial
    const message = encodeMessage({ kind: 'call', serial, ...call })
    const reply = new Promise<DbusMessage>((resolve) => { this.#replies.set(serial, resolve) })
    this.#socket.write(message)
    const { kind, error = '', body = [] } = await this.#within(reply, call.member)
    if (kind === 'error') throw new DbusError(error, typeof body[0] === 'string' ? body[0] : error)
    return body
  }

  /** Comes back when the condition holds, which is looked at behind each signal. @throws Error that was not to be */
  async until(holds: () => boolean, what: string): Promise<void> {
    let watcher = () => {}
    const held = new Promise<void>((resolve) => { watcher = () => { if (holds()) resolve() } })
    this.#watchers.add(watcher)
    watcher()
    await this.#within(held, what).finally(() => this.#watchers.delete(watcher))
  }

  close(): void {
    this.#socket.destroy()
  }

  #within<T>(promise: Promise<T>, what: string): Promise<T> {
    return deadline(Promise.race([promise, this.#gone]), what)
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    try {
      for (let next = decodeMessage(this.#received); next; next = decodeMessage(this.#received)) {
        this.#received = this.#received.subarray(next.length)
        this.#hear(next.message)
      }
    } catch (error) {
      this.#end(error as Error)
    }
  }

  #hear(message: DbusMessage): void {
    if (message.kind === 'signal') {
      this.onSignal(message)
      for (const watcher of this.#watchers) watcher()
    } else if (message.replyTo !== undefined) {
      this.#replies.get(message.replyTo)?.(message)
      this.#replies.delete(message.replyTo)
    }
  }
}

/**
 * The other side takes us for the user that the kernel says we are (SO_PEERCRED). No user is named: ours may be another in its user namespace.
 *
 * @see D-Bus Specification, Authentication Protocol, EXTERNAL
 */
function authenticated(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const closed = () => reject(new Error('the connection was closed'))
    const heard = (chunk: Buffer) => {
      said += chunk.toString('latin1')
      const lines = said.split('\r\n').slice(0, -1)
      if (lines.some((line) => /^(REJECTED|ERROR)/.test(line))) return reject(new Error(`we are not let in: ${lines.at(-1)}`))
      if (!lines.some((line) => line.startsWith('OK '))) return
      socket.off('error', reject).off('close', closed).off('data', heard)
      resolve()
    }
    socket.on('error', reject).on('close', closed).on('data', heard)
    // BEGIN goes along, as sd-bus has it. What systemd 252 reads together with that word it looks at only when something else comes (measured).
    socket.write('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n')
  })
}

/** @throws Error it takes longer than anybody would wait */
async function deadline<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error(`${what}: no answer after ${patienceMillis / 1000} s`)), patienceMillis) })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
