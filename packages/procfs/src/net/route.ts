import type { Endianness } from '../directory.ts'
import { columns } from '../columns.ts'
import { hexadecimalQuantity, integer } from '../integer.ts'
import { type Place, ProcParseError } from '../proc-parse-error.ts'
import { allRecords, everyLine, type BeginRecords, underHeading } from '../records.ts'
import { bytesAddress, wordsAddress } from './address.ts'

// include/uapi/linux/route.h and ipv6_route.h; bits without a name there are not shown.
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x0001, 'RTF_UP'], [0x0002, 'RTF_GATEWAY'], [0x0004, 'RTF_HOST'], [0x0008, 'RTF_REINSTATE'], [0x0010, 'RTF_DYNAMIC'],
  [0x0020, 'RTF_MODIFIED'], [0x0040, 'RTF_MTU'], [0x0080, 'RTF_WINDOW'], [0x0100, 'RTF_IRTT'], [0x0200, 'RTF_REJECT'],
  [0x00010000, 'RTF_DEFAULT'], [0x00020000, 'RTF_ALLONLINK'], [0x00040000, 'RTF_ADDRCONF'], [0x00080000, 'RTF_PREFIX_RT'],
  [0x00100000, 'RTF_ANYCAST'], [0x00200000, 'RTF_NONEXTHOP'], [0x00400000, 'RTF_EXPIRES'], [0x00800000, 'RTF_ROUTEINFO'],
  [0x01000000, 'RTF_CACHE'], [0x02000000, 'RTF_FLOW'], [0x04000000, 'RTF_POLICY'], [0x40000000, 'RTF_PCPU'], [0x80000000, 'RTF_LOCAL'],
]

const flagNames = (bits: number): string[] => FLAGS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name)

/** A route of the main IPv4 table, or of all IPv6 tables. @see route(8) */
export interface Route {
  /** `*` of an IPv4 route without an interface. */
  readonly interface: string
  readonly destination: string
  readonly prefixLength: number
  /** `0.0.0.0` or `::` when the destination is on the link. */
  readonly gateway: string
  /** RTF_ names. */
  readonly flags: readonly string[]
  readonly metric: number
  readonly references: number
  readonly use: number
  /** IPv4: 0 is that of the interface. */
  readonly mtuBytes?: number
  /** IPv6: of a route that is chosen by where the packet comes from; `::` and 0 is any. */
  readonly source?: string
  readonly sourcePrefixLength?: number
}

/** The ones at the front of a mask in the usual notation. */
function prefixLength(mask: string, place: Place): number {
  const bits = mask.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0')).join('')
  if (!/^1*0*$/.test(bits)) throw new ProcParseError(place, 'a mask of ones, then zeros')
  return bits.lastIndexOf('1') + 1
}

function route(place: Place, endianness: Endianness): Route {
  const [name, destination, gateway, flags, references, use, metric, mask, mtu] = columns(place, 11, 'the eleven columns of a route')
  return {
    interface: name!,
    destination: wordsAddress(destination, place, endianness),
    prefixLength: prefixLength(wordsAddress(mask, place, endianness), place),
    gateway: wordsAddress(gateway, place, endianness),
    flags: flagNames(hexadecimalQuantity(flags, place)),
    metric: integer(metric, place),
    references: integer(references, place),
    use: integer(use, place),
    mtuBytes: integer(mtu, place),
  }
}

// A network namespace that has no route yet has no table, and then not even a heading (net/ipv4/fib_trie.c).
export const routeRecords: BeginRecords<Route> = underHeading(
  'Iface', (file, endianness) => everyLine((place) => route(place, endianness))(file, endianness), 'no records',
)

/**
 * The routes of a net/route text: IPv4, the main table only.
 *
 * @param endianness byte order of the machine that the text is from
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/route
 * @example
 * parseNetRoute(readFileSync('/proc/self/net/route', 'utf8')).find(({ prefixLength }) => prefixLength === 0)?.gateway
 */
export function parseNetRoute(text: string, file = 'net/route', endianness: Endianness = 'LE'): Route[] {
  return allRecords(routeRecords, text, file, endianness)
}

export const ipv6RouteRecords: BeginRecords<Route> = everyLine((place) => {
  const [destination, length, source, sourceLength, gateway, metric, references, use, flags, name] = columns(place, 10, 'the ten columns of a route')
  return {
    interface: name!,
    destination: bytesAddress(destination, place),
    prefixLength: hexadecimalQuantity(length, place),
    gateway: bytesAddress(gateway, place),
    flags: flagNames(hexadecimalQuantity(flags, place)),
    metric: hexadecimalQuantity(metric, place),
    references: hexadecimalQuantity(references, place),
    use: hexadecimalQuantity(use, place),
    source: bytesAddress(source, place),
    sourcePrefixLength: hexadecimalQuantity(sourceLength, place),
  }
})

/**
 * The routes of a net/ipv6_route text: all tables, those to the machine's own addresses among them.
 *
 * @throws {ProcParseError} naming the line
 * @see net/ipv6/ip6_fib.c ipv6_route_native_seq_show()
 * @example
 * parseIpv6Route(readFileSync('/proc/self/net/ipv6_route', 'utf8')).filter(({ flags }) => flags.includes('RTF_GATEWAY'))
 */
export function parseIpv6Route(text: string, file = 'net/ipv6_route'): Route[] {
  return allRecords(ipv6RouteRecords, text, file)
}
