import { columns } from '../columns.ts'
import { exactInteger, hexadecimalQuantity, integer } from '../integer.ts'
import { ProcParseError } from '../proc-parse-error.ts'
import { allRecords, everyLine, type BeginRecords, underHeading } from '../records.ts'

/** A netlink socket. @see netlink(7) */
export interface NetlinkSocket {
  /** NETLINK_ number: 0 NETLINK_ROUTE, 9 NETLINK_AUDIT, 15 NETLINK_KOBJECT_UEVENT, 16 NETLINK_GENERIC. */
  readonly protocol: number
  /** Usually the PID of who made it; 0 is the kernel. */
  readonly portId: number
  /** The first 32 multicast groups, as bits. */
  readonly groups: number
  readonly receiveBytes: number
  readonly sendBytes: number
  readonly dumping: boolean
  readonly references: number
  readonly drops: number
  readonly inode: bigint
}

export const netlinkRecords: BeginRecords<NetlinkSocket> = underHeading('sk', everyLine((place) => {
  const found = columns(place, 10, 'the ten columns of a socket')
  const [, protocol, portId, groups, receive, send, dump, references, drops, inode] = found
  if (dump === undefined) throw new ProcParseError(place, 'the ten columns of a socket')
  return {
    protocol: integer(protocol, place),
    portId: integer(portId, place),
    groups: hexadecimalQuantity(groups, place),
    receiveBytes: integer(receive, place),
    sendBytes: integer(send, place),
    dumping: dump !== '0',
    references: integer(references, place),
    drops: integer(drops, place),
    inode: exactInteger(inode, place),
  }
}))

/**
 * The sockets of a net/netlink text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/netlink
 */
export function parseNetlinkSockets(text: string, file = 'net/netlink'): NetlinkSocket[] {
  return allRecords(netlinkRecords, text, file)
}
