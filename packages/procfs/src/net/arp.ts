import { columns } from '../columns.ts'
import { hexadecimalQuantity } from '../integer.ts'
import { allRecords, everyLine, type BeginRecords, underHeading } from '../records.ts'

// include/uapi/linux/if_arp.h.
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x02, 'ATF_COM'], [0x04, 'ATF_PERM'], [0x08, 'ATF_PUBL'], [0x10, 'ATF_USETRAILERS'], [0x20, 'ATF_NETMASK'], [0x40, 'ATF_DONTPUB'],
]

/** A neighbour of IPv4, or an address that is answered for. @see arp(7) */
export interface ArpEntry {
  readonly address: string
  /** ARPHRD_ number of if_arp.h: 1 is Ethernet. */
  readonly hardwareType: number
  /** ATF_ names; without ATF_COM the hardware address is not known. */
  readonly flags: readonly string[]
  readonly hardwareAddress: string
  /** `*` is none. */
  readonly mask: string
  readonly interface: string
}

export const arpRecords: BeginRecords<ArpEntry> = underHeading('IP address', everyLine((place) => {
  const [address, type, flags, hardwareAddress, mask, name] = columns(place, 6, 'the six columns of a neighbour')
  const bits = hexadecimalQuantity(flags, place)
  return {
    address: address!,
    hardwareType: hexadecimalQuantity(type, place),
    flags: FLAGS.filter(([bit]) => (bits & bit) !== 0).map(([, flag]) => flag),
    hardwareAddress: hardwareAddress!,
    mask: mask!,
    interface: name!,
  }
}))

/**
 * The neighbours of a net/arp text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/arp
 * @example
 * parseArp(readFileSync('/proc/self/net/arp', 'utf8')).map(({ address, hardwareAddress }) => [address, hardwareAddress])
 */
export function parseArp(text: string, file = 'net/arp'): ArpEntry[] {
  return allRecords(arpRecords, text, file)
}
