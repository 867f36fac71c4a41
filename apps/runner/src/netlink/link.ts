import { cString, concatenated, encodeAttributes, parseAttributes, text, u32 } from './attributes.ts'
import { link } from './constants.ts'
import type { Request } from './message.ts'

/** struct ifinfomsg (linux/rtnetlink.h): family, type, index, flags, which flags count */
const structBytes = 16

/** A network device. */
export interface Link {
  readonly index: number
  readonly name: string
  readonly up: boolean
}

/** What it is looked up by: a name of it, of which it may have several, or its number. */
export type LinkKey = { readonly name: string } | { readonly index: number }

/** Answered by one RTM_NEWLINK; ENODEV: there is none. Without IFLA_EXT_MASK, which would add a part for every virtual function of a card. */
export function getLink(key: LinkKey): Request {
  const [index, name] = 'index' in key ? [key.index, []] : [0, [[link.IFLA_IFNAME, cString(key.name)] as const]]
  return { type: 'RTM_GETLINK', flags: ['NLM_F_REQUEST', 'NLM_F_ACK'], body: concatenated([ifinfomsg(index), encodeAttributes(name)]), command: `ip link show dev ${'index' in key ? `if${key.index}` : key.name}` }
}

export interface LinkMove {
  /** A descriptor of the network namespace, of the process that asks. */
  readonly netns: number
  /** What the namespace is called in an error. */
  readonly to: string
  /** It gets this name there; its own otherwise. With `%d` in it, the first number that is free. */
  readonly newName?: string | undefined
  /** The number that it has there. */
  readonly newIndex: number
}

/**
 * The device is in another network namespace; down, without addresses and routes.
 *
 * The kernel moves first and renames then: refused with EEXIST because of the new name, the device is there nevertheless, under its old one
 * (do_setlink in net/core/rtnetlink.c). EBUSY: the number is another's.
 */
export function moveLink({ index, name }: Link, { netns, to, newName, newIndex }: LinkMove): Request {
  const attributes = encodeAttributes([[link.IFLA_NET_NS_FD, u32(netns)], ...(newName === undefined ? [] : [[link.IFLA_IFNAME, cString(newName)] as const]), [link.IFLA_NEW_IFINDEX, u32(newIndex)]])
  return { type: 'RTM_NEWLINK', flags: ['NLM_F_REQUEST', 'NLM_F_ACK'], body: concatenated([ifinfomsg(index), attributes]), command: `ip link set ${name} netns ${to}${newName === undefined ? '' : ` name ${newName}`}` }
}

export function setLinkUp({ index, name }: Link): Request {
  return { type: 'RTM_NEWLINK', flags: ['NLM_F_REQUEST', 'NLM_F_ACK'], body: ifinfomsg(index, link.IFF_UP), command: `ip link set ${name} up` }
}

/** From the body of an RTM_NEWLINK. */
export function parseLink(body: Uint8Array): Link {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const name = text(parseAttributes(body.subarray(structBytes)).get(link.IFLA_IFNAME))
  return { index: view.getInt32(4, true), name, up: (view.getUint32(8, true) & link.IFF_UP) !== 0 }
}

/** @param on flags that are to be on; all others stay as they are */
function ifinfomsg(index: number, on = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(structBytes))
  view.setInt32(4, index, true)
  view.setUint32(8, on, true)
  view.setUint32(12, on, true)
  return new Uint8Array(view.buffer)
}
