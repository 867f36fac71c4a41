import type { Endianness } from '../directory.ts'
import { type Place, ProcParseError } from '../proc-parse-error.ts'

const WORD = 8

/** The bytes behind hexadecimal digits. */
function octets(hex: string): number[] {
  const found: number[] = []
  for (let at = 0; at < hex.length; at += 2) found.push(Number.parseInt(hex.slice(at, at + 2), 16))
  return found
}

/** The longest run of zero groups, of two or more, becomes `::`; the first of equally long ones. @see RFC 5952 section 4.2 */
function compressed(groups: readonly number[]): string {
  let best = 0
  let length = 1
  for (let from = 0; from < groups.length; from++) {
    let to = from
    while (groups[to] === 0) to++
    if (to - from > length) [best, length] = [from, to - from]
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + length))}`
}

/** The usual notation of 4 or 16 address bytes in network order; an IPv4-mapped address ends in dotted decimal. */
export function notation(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff) return `::ffff:${bytes.slice(12).join('.')}`
  return compressed(Array.from({ length: 8 }, (_, group) => bytes[2 * group]! * 256 + bytes[2 * group + 1]!))
}

/**
 * An address that the kernel printed as 32-bit words of its own byte order, as net/tcp and net/route have them:
 * `0100007F` is 127.0.0.1 on a little-endian machine.
 */
export function wordsAddress(hex: string | undefined, place: Place, endianness: Endianness): string {
  if (hex === undefined || !/^(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{32})$/.test(hex)) throw new ProcParseError(place, 'an address of 8 or 32 hexadecimal digits')
  const bytes: number[] = []
  for (let at = 0; at < hex.length; at += WORD) {
    const word = octets(hex.slice(at, at + WORD))
    bytes.push(...(endianness === 'LE' ? word.reverse() : word))
  }
  return notation(bytes)
}

/** An IPv6 address that the kernel printed byte by byte, as net/if_inet6 and net/ipv6_route have them. */
export function bytesAddress(hex: string | undefined, place: Place): string {
  if (hex === undefined || !/^[0-9a-fA-F]{32}$/.test(hex)) throw new ProcParseError(place, 'an address of 32 hexadecimal digits')
  return notation(octets(hex))
}
