import { checkpoint } from '@ctr/launch'
import type { Program, Syscall } from '@ctr/syscall'
import { addAddress, isPermanentGlobal, type Address } from '../../netlink/address.ts'
import { moveLink, setLinkUp, type Link } from '../../netlink/link.ts'
import type { Request } from '../../netlink/message.ts'
import type { Caller } from '../caller.ts'
import type { OciConfig } from '../config/config-shape.ts'
import { ConfigError } from '../config/shape.ts'

/** Where the process waits while network devices come to it. */
export const networkDevicesCheckpoint = 'network devices'

/**
 * The calls that wait for the devices; none where there are none to wait for. Hooks come later: they may set them up further.
 *
 * @throws ConfigError there is no network namespace for them, or the caller may not move them
 */
export function networkDevices({ linux = {} }: OciConfig, { uid, privileged }: Caller): Program {
  if (!linux.netDevices?.size) return []
  if (!linux.namespaces?.some(({ type }) => type === 'network')) throw new ConfigError('linux.netDevices', 'they would have nowhere to go: it needs a network namespace in linux.namespaces')
  if (!privileged) throw new ConfigError('linux.netDevices', `user ${uid} may not take them from this network namespace: that takes CAP_NET_ADMIN in the user namespace that owns it`)
  return checkpoint(networkDevicesCheckpoint)
}

/** Whether a call of a program tells us that it is time to move them. */
export const waitsForDevices = ({ name, args }: Syscall): boolean => name === 'write' && args[1] === `${networkDevicesCheckpoint}\n`

/** A network device before it is moved. */
export interface NetworkDevice {
  readonly link: Link
  readonly addresses: readonly Address[]
}

/** What the namespace of the container is called in a command. */
export const theContainer = 'CONTAINER'

/** Asked for from where it is. @param netns a descriptor of where it goes to */
export const departure = ({ link }: NetworkDevice, { netns, newName, newIndex }: { readonly netns: number; readonly newName?: string | undefined; readonly newIndex: number }): Request =>
  moveLink(link, { netns, to: theContainer, newName, newIndex })

/** Asked for once it is there, in this order: what the move took from it, and a container may use it. @param as what it is there */
export function arrival({ link: { name }, addresses }: NetworkDevice, as: Link): Request[] {
  return [...addresses.filter(isPermanentGlobal).map((address) => addAddress(as, address, name)), setLinkUp(as)]
}

/** All of it, as ip(8) commands. */
export function arrivalCommands(device: NetworkDevice, newName: string | undefined): string[] {
  const as = { ...device.link, name: newName ?? device.link.name }
  return [departure(device, { netns: 0, newName, newIndex: as.index }), ...arrival(device, as)].map(({ command }) => command)
}
