import { statSync } from 'node:fs'
import { SyscallError } from '@ctr/syscall'
import { moveLink, setLinkUp, type Link } from '../../netlink/link.ts'
import { addAddress } from '../../netlink/address.ts'
import { RouteError, RouteSocket } from '../../netlink/route-socket.ts'
import type { OciConfig } from '../config/config-shape.ts'
import { ConfigError } from '../config/shape.ts'
import { OciError } from '../oci-error.ts'
import { arrival, arrivalCommands, departure, type NetworkDevice } from '../program/network-devices.ts'

const pathOf = (name: string) => `linux.netDevices[${JSON.stringify(name)}]`

/** What the kernel means, where its errno leaves it open. */
const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'there is a network device of that name already',
  EINVAL: 'it cannot leave its network namespace, as lo and devices that belong to one namespace cannot',
  EPERM: 'that takes CAP_NET_ADMIN in the user namespaces that own both network namespaces',
  EACCES: 'IPv6 is disabled there (net.ipv6.conf.*.disable_ipv6)',
}

/**
 * The devices of a configuration are where we are, and would go somewhere else. Nothing is changed.
 *
 * @throws ConfigError
 */
export function checkNetworkDevices({ linux = {} }: OciConfig): void {
  const { netDevices = new Map<string, never>(), namespaces = [] } = linux
  if (netDevices.size === 0) return
  const path = namespaces.find(({ type }) => type === 'network')?.path
  if (path && isOwn(path)) throw new ConfigError('linux.netDevices', `they are there already: ${path} is the network namespace that this runtime is in`)
  const here = RouteSocket.here()
  try {
    for (const name of netDevices.keys()) readDevice(here, name)
  } finally {
    here.close()
  }
}

/** What will be done with the devices of a configuration, as ip(8) commands: for explain. */
export function networkDeviceCommands({ linux = {} }: OciConfig): string[] {
  if (!linux.netDevices?.size) return []
  const here = RouteSocket.here()
  try {
    return [...linux.netDevices].flatMap(([name, { name: newName }]) => arrivalCommands(readDevice(here, name), newName || undefined))
  } finally {
    here.close()
  }
}

interface Moved {
  readonly device: NetworkDevice
  /** What it is there. */
  readonly index: number
}

/** Network devices that were moved to a container. Until `close`, they can be fetched back, also after its processes have ended: a socket keeps its network namespace alive. */
export class NetworkDevices {
  readonly #moved: Moved[] = []
  readonly #here: RouteSocket
  readonly #there: RouteSocket

  private constructor(here: RouteSocket, there: RouteSocket) {
    this.#here = here
    this.#there = there
  }

  /**
   * The devices are in the network namespace of the process, by the names that they are to have there, with their permanent global addresses, and up.
   *
   * @throws OciError the kernel refused something; they are where they were
   */
  static moveTo({ linux = {} }: OciConfig, pid: number): NetworkDevices {
    const there = inside(pid)
    const devices = new NetworkDevices(RouteSocket.here(), there)
    try {
      for (const [name, { name: newName }] of linux.netDevices ?? []) devices.#checkFree(name, newName || undefined)
      for (const [name, { name: newName }] of linux.netDevices ?? []) devices.#move(name, newName || undefined)
      return devices
    } catch (error) {
      const left = devices.fetchBack()
      devices.close()
      if (left.length > 0) throw new OciError([(error as Error).message, ...left].join('; '), { cause: error })
      throw error
    }
  }

  /**
   * They are where they were, as they were, but for what the kernel takes from a device that it moves, such as its routes.
   *
   * @returns what could not be done, a line each
   */
  fetchBack(): string[] {
    return this.#moved.splice(0).reverse().flatMap((moved) => {
      try {
        this.#fetch(moved)
        return []
      } catch (error) {
        return [`${pathOf(moved.device.link.name)} is left behind: ${(error as Error).message}`]
      }
    })
  }

  close(): void {
    this.#here.close()
    this.#there.close()
  }

  /** A device that cannot go keeps what it would lose on the way: its routes. */
  #checkFree(name: string, newName: string | undefined): void {
    const { link } = readDevice(this.#here, name)
    const wanted = newName ?? link.name
    if (!wanted.includes('%') && this.#there.find({ name: wanted })) throw new OciError(`${pathOf(name)}: there is a network device ${JSON.stringify(wanted)} in the network namespace of the container already`, { code: 'EEXIST' })
  }

  #move(name: string, newName: string | undefined): void {
    const device = readDevice(this.#here, name)
    said(name, () => {
      const index = takeTo(this.#there, device.link.index, (newIndex) => {
        // It may be there although the answer is an error.
        this.#moved.push({ device, index: newIndex })
        this.#here.ask(departure(device, { netns: this.#there.netns, newName, newIndex }))
      }, () => this.#moved.pop())
      // Its name may be the kernel's choice.
      const as = this.#there.link({ index })
      for (const request of arrival(device, as)) this.#there.ask(request)
    })
  }

  #fetch({ device: { link, addresses }, index }: Moved): void {
    if (this.#here.find({ index: link.index })?.name === link.name) return
    const there = this.#there.link({ index })
    const newIndex = takeTo(this.#here, link.index, (wanted) => this.#there.ask(moveLink(there, { netns: this.#here.netns, to: 'HOST', newName: link.name, newIndex: wanted })), () => {})
    const back: Link = { ...link, index: newIndex }
    for (const address of addresses) unlessThere(() => this.#here.ask(addAddress(back, address, link.name)))
    if (link.up) this.#here.ask(setLinkUp(back))
  }
}

/**
 * A device gets the number that it has if that is free where it goes, as with the kernel, or the next one that is; so it can be found there whatever it is called.
 *
 * @param move throws EBUSY where another has the number
 * @returns the number
 */
function takeTo(there: RouteSocket, wanted: number, move: (index: number) => void, failed: () => void): number {
  for (let index = wanted; ; index++) {
    try {
      move(index)
      return index
    } catch (error) {
      if (!(error instanceof RouteError && error.code === 'EBUSY' && there.find({ index }))) throw error
      failed()
    }
  }
}

/** @throws ConfigError there is none of that name */
function readDevice(here: RouteSocket, name: string): NetworkDevice {
  const link = here.find({ name })
  if (!link) throw new ConfigError(pathOf(name), 'there is no network device of that name in the network namespace of this runtime (ENODEV)')
  return { link, addresses: here.addresses(link) }
}

function said(name: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof RouteError)) throw error
    const reason = reasons[error.code]
    throw new OciError(`${pathOf(name)}: ${error.message}${reason === undefined ? '' : `: ${reason}`}`, { code: error.code, cause: error })
  }
}

function unlessThere(action: () => void): void {
  try {
    action()
  } catch (error) {
    if (!(error instanceof RouteError && error.code === 'EEXIST')) throw error
  }
}

/** @throws OciError we have not the right to be there, or to come back */
function inside(pid: number): RouteSocket {
  try {
    return RouteSocket.of(`/proc/${pid}/ns/net`)
  } catch (error) {
    if (!(error instanceof SyscallError && error.code === 'EPERM')) throw error
    throw new OciError(`linux.netDevices: ${error.syscall}: EPERM: moving them takes CAP_SYS_ADMIN and CAP_NET_ADMIN in the user namespaces that own both network namespaces, which root of another user namespace has not`, { code: error.code, cause: error })
  }
}

function isOwn(path: string): boolean {
  const [own, other] = [statSync('/proc/thread-self/ns/net'), statSync(path, { throwIfNoEntry: false })]
  return other?.ino === own.ino && other.dev === own.dev
}
