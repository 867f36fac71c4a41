/** struct rtattr (linux/rtnetlink.h): its length with this header, and its type. */
const header = 4
/** What its length is written in. */
const longest = 0xffff - header
/** NLA_TYPE_MASK (linux/netlink.h): the two bits above say how a value is to be read. */
const typeMask = 0x3fff

/** Values by the type of their attribute, in the order in which they came. */
export type Attributes = ReadonlyMap<number, Uint8Array>

/**
 * Attributes, each padded to four bytes, as a message has them behind its struct.
 *
 * @throws RangeError a value is longer than 65531 bytes: its length would be cut to 16 bits, and the rest be read as other attributes (CVE-2021-43784)
 * @see rtnetlink(7)
 */
export function encodeAttributes(attributes: Iterable<readonly [type: number, value: Uint8Array]>): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [type, value] of attributes) {
    if (value.length > longest) throw new RangeError(`Attribute ${type} has ${value.length} bytes: ${longest} are the most`)
    const part = new Uint8Array(aligned(header + value.length))
    const view = new DataView(part.buffer)
    view.setUint16(0, header + value.length, true)
    view.setUint16(2, type, true)
    part.set(value, header)
    parts.push(part)
  }
  return concatenated(parts)
}

/** @throws RangeError a length leads out of the bytes */
export function parseAttributes(bytes: Uint8Array): Attributes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Map<number, Uint8Array>()
  for (let at = 0; at + header <= bytes.length; ) {
    const length = view.getUint16(at, true)
    if (length < header || at + length > bytes.length) throw new RangeError(`An attribute at byte ${at} of ${bytes.length} has the length ${length}`)
    found.set(view.getUint16(at + 2, true) & typeMask, bytes.subarray(at + header, at + length))
    at += aligned(length)
  }
  return found
}

export const aligned = (length: number): number => (length + 3) & ~3

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A number of 32 bits; those of a message are in the byte order of the machine, which is the same on both that there are programs for. */
export const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer)

/** A name as C has it. */
export const cString = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`)

/** What stands in front of the first NUL. */
export function text(bytes: Uint8Array = new Uint8Array()): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}
