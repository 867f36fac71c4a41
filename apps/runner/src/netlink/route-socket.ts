import { randomInt } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { getAddresses, parseAddress, type Address } from './address.ts'
import { flags, types } from './constants.ts'
import { getLink, parseLink, type Link, type LinkKey } from './link.ts'
import { encodeRequest, errnoOf, isLast, parseMessages, type Message, type Request } from './message.ts'

/** The kernel refused what a message asked for. */
export class RouteError extends Error {
  /** `'EEXIST'` */
  readonly code: string
  /** What was asked, as an ip(8) command. */
  readonly command: string
  constructor({ command }: Request, code: string) {
    super(`${command}: ${code}`)
    this.name = 'RouteError'
    this.code = code
    this.command = command
  }
}

/** No part of an answer is longer (netlink_dump in net/netlink/af_netlink.c), and one device's fits in it. */
const mostBytes = 32768

/** How often a list is asked for again that changed while it was read. */
const attempts = 16

const make = (): number => perform([sys.socket('AF_NETLINK', ['SOCK_RAW', 'SOCK_CLOEXEC', 'SOCK_NONBLOCK'], 'IPPROTO_IP', { as: 'route', why: 'devices and addresses are moved by messages, not by calls' })]).fds['route']!

const own = '/proc/thread-self/ns/net'

/** A socket at which the kernel is asked about the devices of one network namespace: that in which it was made, whoever has it now. It keeps that namespace alive. */
export class RouteSocket {
  /** A descriptor of the namespace, to be named in messages. */
  readonly netns: number
  readonly #fd: number
  // Others in the namespace may send to this socket; they do not know the number.
  #sequence = randomInt(2 ** 31)

  private constructor(netns: number, fd: number) {
    this.netns = netns
    this.#fd = fd
  }

  /** Of our own network namespace. */
  static here(): RouteSocket {
    return opened(own, (netns) => new RouteSocket(netns, make()))
  }

  /**
   * Of another one. This thread is in it for one call, in which nothing else can happen on it.
   *
   * @param path of the namespace
   * @throws SyscallError EPERM: it takes CAP_SYS_ADMIN in the user namespaces that own both network namespaces; we are in our own
   */
  static of(path: string): RouteSocket {
    return opened(path, (netns) => {
      const ours = openSync(own, 'r')
      try {
        perform([
          sys.setns({ fd: 'ours' }, ['CLONE_NEWNET'], 'root of a user namespace may have no right to come back to where it is: it must not leave then'),
          sys.setns({ fd: 'theirs' }, ['CLONE_NEWNET'], 'a socket belongs to the network in which it is made'),
        ], { ours, theirs: netns })
        try {
          return new RouteSocket(netns, make())
        } finally {
          perform([sys.setns({ fd: 'ours' }, ['CLONE_NEWNET'], 'the rest is not theirs to do')], { ours })
        }
      } finally {
        closeSync(ours)
      }
    })
  }

  /** @throws RouteError the kernel refused it */
  ask(request: Request): Message[] {
    for (let i = 0; ; i++) {
      const { messages, changed } = this.#answer(request)
      if (!changed) return messages
      if (i >= attempts) throw new RouteError(request, 'EINTR')
    }
  }

  /** @throws RouteError ENODEV: there is none of that name or number */
  link(key: LinkKey): Link {
    return parseLink(this.ask(getLink(key)).find(({ type }) => type === types.RTM_NEWLINK)!.body)
  }

  /** The same; nothing where there is none. */
  find(key: LinkKey): Link | undefined {
    try {
      return this.link(key)
    } catch (error) {
      if (error instanceof RouteError && error.code === 'ENODEV') return undefined
      throw error
    }
  }

  addresses({ index }: Link): Address[] {
    return this.ask(getAddresses).filter(({ type }) => type === types.RTM_NEWADDR).map(({ body }) => parseAddress(body)).filter((address) => address.index === index)
  }

  close(): void {
    closeSync(this.#fd)
    closeSync(this.netns)
  }

  /** The kernel answers before write returns: at the latest when the part in front of it is read, so nothing is waited for. */
  #answer(request: Request): { readonly messages: Message[]; readonly changed: boolean } {
    const sequence = this.#sequence = (this.#sequence + 1) % 2 ** 32
    const route = { route: this.#fd }
    perform([sys.write({ fd: 'route' }, { hex: Buffer.from(encodeRequest(request, sequence)).toString('hex') }, request.command)], route)
    const messages: Message[] = []
    for (;;) {
      const { outputs } = perform([sys.read({ fd: 'route' }, { out: mostBytes }, `the answer to: ${request.command}`)], route)
      for (const message of parseMessages(outputs.get(0)!)) {
        if (message.sequence !== sequence) continue
        messages.push(message)
        if (!isLast(message)) continue
        const code = errnoOf(message)
        if (code !== undefined) throw new RouteError(request, code)
        return { messages, changed: messages.some((each) => (each.flags & flags.NLM_F_DUMP_INTR) !== 0) }
      }
    }
  }
}

/** With a descriptor of what is at a path, which is closed again where that fails. */
function opened<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r')
  try {
    return use(fd)
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
