import { columns } from '../columns.ts'
import { exactInteger, hexadecimalQuantity, integer } from '../integer.ts'
import { allRecords, everyLine, type BeginRecords, underHeading } from '../records.ts'

/** A packet socket: it sees frames as they come. @see packet(7) */
export interface PacketSocket {
  readonly references: number
  /** enum sock_type: 2 SOCK_DGRAM, 3 SOCK_RAW. */
  readonly type: number
  /** ETH_P_ number: 3 is every frame. */
  readonly protocol: number
  /** 0 is any. */
  readonly interfaceIndex: number
  readonly running: boolean
  readonly receiveBytes: number
  readonly uid: number
  readonly inode: bigint
}

export const packetRecords: BeginRecords<PacketSocket> = underHeading('sk', everyLine((place) => {
  const [, references, type, protocol, index, running, receive, uid, inode] = columns(place, 9, 'the nine columns of a socket')
  return {
    references: integer(references, place),
    type: integer(type, place),
    protocol: hexadecimalQuantity(protocol, place),
    interfaceIndex: integer(index, place),
    running: running === '1',
    receiveBytes: integer(receive, place),
    uid: integer(uid, place),
    inode: exactInteger(inode, place),
  }
}))

/**
 * The sockets of a net/packet text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/packet
 */
export function parsePacketSockets(text: string, file = 'net/packet'): PacketSocket[] {
  return allRecords(packetRecords, text, file)
}
