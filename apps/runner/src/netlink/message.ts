import { errnoName } from '@ctr/syscall'
import { aligned, concatenated } from './attributes.ts'
import { flags as flagValues, types } from './constants.ts'

/** struct nlmsghdr (linux/netlink.h): length, type, flags, sequence number, port */
const header = 16

/** What is asked of the kernel, before it is. */
export interface Request {
  readonly type: keyof typeof types
  readonly flags: readonly (keyof typeof flagValues)[]
  /** The struct that belongs to the type, and attributes. */
  readonly body: Uint8Array
  /** The ip(8) command that would ask the same. */
  readonly command: string
}

export interface Message {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly body: Uint8Array
}

/** @param sequence is in all answers @see netlink(7) */
export function encodeRequest({ type, flags, body }: Request, sequence: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(header))
  head.setUint32(0, header + body.length, true)
  head.setUint16(4, types[type], true)
  head.setUint16(6, flags.reduce((all, name) => all | flagValues[name], 0), true)
  head.setUint32(8, sequence, true)
  return concatenated([new Uint8Array(head.buffer), body])
}

/** The messages of one datagram. @throws RangeError a length leads out of it */
export function parseMessages(datagram: Uint8Array): Message[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength)
  const messages: Message[] = []
  for (let at = 0; at < datagram.length; ) {
    const length = at + header <= datagram.length ? view.getUint32(at, true) : 0
    if (length < header || at + length > datagram.length) throw new RangeError(`A message at byte ${at} of ${datagram.length} has the length ${length}`)
    messages.push({ type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), sequence: view.getUint32(at + 8, true), body: datagram.subarray(at + header, at + length) })
    at += aligned(length)
  }
  return messages
}

/** Whether a message is the last of an answer: NLMSG_ERROR, which says that all went well, too, or NLMSG_DONE behind a list. */
export const isLast = ({ type }: Message): boolean => type === types.NLMSG_ERROR || type === types.NLMSG_DONE

/** @returns 'EEXIST' of a last message; nothing where it was done. Both kinds begin with a negative errno, or 0. */
export function errnoOf({ body }: Message): string | undefined {
  const value = new DataView(body.buffer, body.byteOffset, body.byteLength).getInt32(0, true)
  return value === 0 ? undefined : errnoName(-value)
}
