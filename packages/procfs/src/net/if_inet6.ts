import { columns } from '../columns.ts'
import { hexadecimalQuantity } from '../integer.ts'
import { lines } from '../lines.ts'
import { bytesAddress } from './address.ts'

// IPV6_ADDR_ scope bits of include/net/ipv6.h.
const SCOPES: Readonly<Record<number, Inet6Address['scope']>> = { 0x00: 'global', 0x10: 'host', 0x20: 'link', 0x40: 'site', 0x80: 'compat' }
// include/uapi/linux/if_addr.h: the low byte, which is all that the file shows.
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x01, 'IFA_F_TEMPORARY'], [0x02, 'IFA_F_NODAD'], [0x04, 'IFA_F_OPTIMISTIC'], [0x08, 'IFA_F_DADFAILED'], [0x10, 'IFA_F_HOMEADDRESS'],
  [0x20, 'IFA_F_DEPRECATED'], [0x40, 'IFA_F_TENTATIVE'], [0x80, 'IFA_F_PERMANENT'],
]

/** An IPv6 address of an interface. */
export interface Inet6Address {
  readonly interface: string
  readonly interfaceIndex: number
  readonly address: string
  readonly prefixLength: number
  readonly scope: 'global' | 'host' | 'link' | 'site' | 'compat' | `scope_${number}`
  /** IFA_F_ names. */
  readonly flags: readonly string[]
}

/**
 * The addresses of a net/if_inet6 text. There is no such file for IPv4: addresses are in netlink.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/if_inet6
 * @example
 * parseIfInet6('00000000000000000000000000000001 01 80 10 80       lo\n')[0]?.address // '::1'
 */
export function parseIfInet6(text: string, file = 'net/if_inet6'): Inet6Address[] {
  return lines(text, file).map((place) => {
    const [address, index, length, scope, flags, name] = columns(place, 6, 'the six columns of an address')
    const scopeBits = hexadecimalQuantity(scope, place)
    const bits = hexadecimalQuantity(flags, place)
    return {
      interface: name!,
      interfaceIndex: hexadecimalQuantity(index, place),
      address: bytesAddress(address, place),
      prefixLength: hexadecimalQuantity(length, place),
      scope: SCOPES[scopeBits] ?? `scope_${scopeBits}`,
      flags: FLAGS.filter(([bit]) => (bits & bit) !== 0).map(([, flag]) => flag),
    }
  })
}
