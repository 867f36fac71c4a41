import { cString, concatenated, encodeAttributes, parseAttributes, text, type Attributes } from './attributes.ts'
import { address, IFNAMSIZ } from './constants.ts'
import type { Link } from './link.ts'
import type { Request } from './message.ts'

/** struct ifaddrmsg (linux/if_addr.h): family, length of the prefix, flags, scope, index of the link */
const structBytes = 8

/** An address of a network device, with everything that the kernel says of it. */
export interface Address {
  readonly family: number
  readonly prefix: number
  readonly scope: number
  /** IFA_F_…; for those that have no end, IFA_F_PERMANENT is among them. */
  readonly flags: number
  /** Of the link that it belongs to. */
  readonly index: number
  readonly attributes: Attributes
}

/** Answered by an RTM_NEWADDR for each address of all devices of the namespace. */
export const getAddresses: Request = { type: 'RTM_GETADDR', flags: ['NLM_F_REQUEST', 'NLM_F_DUMP'], body: new Uint8Array(structBytes), command: 'ip address show' }

/** From the body of an RTM_NEWADDR. */
export function parseAddress(body: Uint8Array): Address {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const attributes = parseAttributes(body.subarray(structBytes))
  const wide = attributes.get(address.IFA_FLAGS)
  return {
    family: view.getUint8(0), prefix: view.getUint8(1), scope: view.getUint8(3), index: view.getUint32(4, true), attributes,
    // The byte of the struct has no room for all of them.
    flags: wide ? new DataView(wide.buffer, wide.byteOffset).getUint32(0, true) : view.getUint8(2),
  }
}

/** One that a device keeps for good and that is valid everywhere: not from a lease, not of the link or the host. */
export const isPermanentGlobal = ({ flags, scope }: Address): boolean => (flags & address.IFA_F_PERMANENT) !== 0 && scope === address.RT_SCOPE_UNIVERSE

/** The link has the address, as another one had it. EEXIST: it has it already. */
export function addAddress(to: Link, was: Address, oldName: string): Request {
  const head = new DataView(new ArrayBuffer(structBytes))
  for (const [at, value] of [was.family, was.prefix, was.flags & 0xff, was.scope].entries()) head.setUint8(at, value)
  head.setUint32(4, to.index, true)
  const attributes = [...was.attributes].map(([type, value]) => [type, type === address.IFA_LABEL ? cString(label(text(value), oldName, to.name)) : value] as const)
  return { type: 'RTM_NEWADDR', flags: ['NLM_F_REQUEST', 'NLM_F_ACK', 'NLM_F_CREATE', 'NLM_F_EXCL'], body: concatenated([new Uint8Array(head.buffer), encodeAttributes(attributes)]), command: `ip address add ${addressText(was)} dev ${to.name}` }
}

/** The label of an IPv4 address is the name of its device, or begins with it: `eth0:1`. */
function label(was: string, oldName: string, newName: string): string {
  const suffixed = was.startsWith(`${oldName}:`) ? newName + was.slice(oldName.length) : newName
  return Buffer.byteLength(suffixed) < IFNAMSIZ ? suffixed : newName
}

/** `10.0.0.1/24`, `fd00:0:0:0:0:0:0:1/64`, with `peer` in front of the other end where there is one. */
export function addressText({ prefix, attributes }: Address): string {
  const [other, own = other] = [attributes.get(address.IFA_ADDRESS), attributes.get(address.IFA_LOCAL)]
  const [local, peer] = [numbers(own), numbers(other)]
  return local === peer || peer === '' ? `${local}/${prefix}` : `${local} peer ${peer}/${prefix}`
}

function numbers(bytes: Uint8Array = new Uint8Array()): string {
  if (bytes.length !== 16) return [...bytes].join('.')
  return Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! * 256 + bytes[2 * i + 1]!).toString(16)).join(':')
}
