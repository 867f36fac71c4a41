import { closeSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { answer, parseNotification, receive, type Answer, type Notification } from '@ctr/seccomp'
import { perform } from '@ctr/syscall/perform'
import { sys } from '@ctr/syscall'
import koffi from 'koffi'

/** What a runtime sends along with the listener. @see OCI runtime-spec config-linux.md, The Container Process State */
export interface ContainerProcessState {
  readonly ociVersion: string
  readonly fds: readonly string[]
  readonly pid: number
  readonly metadata?: string
  readonly state: { readonly id: string; readonly status: string; readonly pid: number; readonly bundle: string; readonly annotations?: Readonly<Record<string, string>> }
}

/** Who decides about the calls of containers: waits at a socket for listeners, and answers what is asked there. */
export class SeccompAgent {
  /** What came over each connection, and how many descriptors with it. */
  readonly received: { readonly state: ContainerProcessState; readonly descriptors: number }[] = []
  readonly asked: Notification[] = []
  readonly #server: Server
  readonly #listeners = new Set<number>()
  readonly #timer: NodeJS.Timeout

  private constructor(path: string, decide: (notification: Notification, nth: number) => Answer) {
    // Node itself would read the bytes, and leave the descriptors.
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket)).listen(path)
    this.#timer = setInterval(() => { for (const listener of this.#listeners) this.#answer(listener, decide) }, 2)
  }

  static async at(path: string, decide: (notification: Notification, nth: number) => Answer): Promise<SeccompAgent> {
    const agent = new SeccompAgent(path, decide)
    await new Promise((resolve) => agent.#server.once('listening', resolve))
    return agent
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    for (const listener of this.#listeners) closeSync(listener)
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    const { fd } = (socket as unknown as { readonly _handle: { readonly fd: number } })._handle
    let [text, descriptors] = ['', 0]
    const timer = setInterval(() => {
      for (let message = receiveMessage(fd); message; message = receiveMessage(fd)) {
        // The runtime may need an answer before it closes the connection.
        for (const listener of message.descriptors) this.#listeners.add(listener)
        descriptors += message.descriptors.length
        text += message.text
        // One state a connection, and then its end.
        if (message.text !== '') continue
        clearInterval(timer)
        socket.destroy()
        this.received.push({ state: JSON.parse(text) as ContainerProcessState, descriptors })
        return
      }
    }, 2)
  }

  #answer(listener: number, decide: (notification: Notification, nth: number) => Answer): void {
    const { results } = perform([sys.ppoll([{ fd: listener, events: ['POLLIN'] }], { tv_sec: 0, tv_nsec: 0 }, 'nothing may be waited for on this thread')])
    if (results[0] === 0) return
    try {
      const notification = parseNotification(perform([receive(listener)]).outputs.get(0)!)
      this.asked.push(notification)
      perform([answer(listener, notification.id, decide(notification, this.asked.length))])
    } catch (error) {
      // The end of its processes makes a listener readable too, with nothing to receive.
      if ((error as { code?: string }).code !== 'ENOENT') throw error
      this.#listeners.delete(listener)
      closeSync(listener)
    }
  }
}

const recvmsg = koffi.load(null).func('long recvmsg(int, void *, int)')
const MSG_DONTWAIT = 0x40 // linux/socket.h
const MSG_CMSG_CLOEXEC = 0x40000000

/** What one recvmsg(2) gives: at the end of the connection no text; undefined where there is nothing to be had now. */
function receiveMessage(fd: number): { readonly text: string; readonly descriptors: readonly number[] } | undefined {
  const bytes = Buffer.alloc(65536)
  const control = Buffer.alloc(256)
  const iovec = new BigUint64Array([BigInt(koffi.address(bytes)), BigInt(bytes.length)])
  // struct msghdr: name, its length, iovec, how many, control, its length, flags
  const header = new BigUint64Array([0n, 0n, BigInt(koffi.address(iovec)), 1n, BigInt(koffi.address(control)), BigInt(control.length), 0n])
  const length = Number(recvmsg(fd, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC))
  if (length < 0) return undefined
  const controlLength = Number(header[5])
  // struct cmsghdr: length, level, type, and then the descriptors
  const end = controlLength === 0 ? 16 : Number(control.readBigUInt64LE(0))
  return { text: bytes.toString('utf8', 0, length), descriptors: Array.from({ length: (end - 16) / 4 }, (_, i) => control.readInt32LE(16 + 4 * i)) }
}
