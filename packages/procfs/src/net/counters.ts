import { integer } from '../integer.ts'
import { lines } from '../lines.ts'
import { type Place, ProcParseError } from '../proc-parse-error.ts'

/** Counters of one protocol by the kernel's name, since the network namespace was made. */
export type Counters = Readonly<Record<string, number>>

/** Counters by protocol: `Ip`, `Tcp`, `TcpExt`. */
export type ProtocolCounters = Readonly<Record<string, Counters>>

const table = <T>(): Record<string, T> => Object.create(null) as Record<string, T>

function split(place: Place): { readonly protocol: string; readonly columns: string[] } {
  const colon = place.text.indexOf(': ')
  if (colon < 1) throw new ProcParseError(place, 'protocol: columns')
  return { protocol: place.text.slice(0, colon), columns: place.text.slice(colon + 2).trim().split(/ +/) }
}

/**
 * The counters of a net/snmp or net/netstat text: a line of names, then a line of values.
 *
 * @throws {ProcParseError} when a line has no partner, or another number of columns than it
 * @see RFC 4293, RFC 4022, Documentation/networking/snmp_counter.rst
 * @example
 * parseNetSnmp(readFileSync('/proc/self/net/snmp', 'utf8')).Tcp?.CurrEstab // e.g. 3
 */
export function parseNetSnmp(text: string, file = 'net/snmp'): ProtocolCounters {
  const protocols = table<Counters>()
  const all = lines(text, file)
  for (let at = 0; at < all.length; at += 2) {
    const names = split(all[at]!)
    const place = all[at + 1]
    if (place === undefined) throw new ProcParseError(all[at]!, 'a line of values after it')
    const values = split(place)
    if (values.protocol !== names.protocol || values.columns.length !== names.columns.length) throw new ProcParseError(place, `the values of ${names.protocol}`)
    const counters = table<number>()
    names.columns.forEach((name, index) => { counters[name] = integer(values.columns[index], place) })
    protocols[names.protocol] = counters
  }
  return protocols
}

/**
 * The counters of a net/snmp6, net/dev_snmp6/INTERFACE or net/xfrm_stat text: a name and a value a line.
 *
 * @throws {ProcParseError} naming the line
 * @see RFC 4293, Documentation/networking/xfrm_proc.rst
 * @example
 * parseNetSnmp6(readFileSync('/proc/self/net/snmp6', 'utf8')).Ip6InReceives
 */
export function parseNetSnmp6(text: string, file = 'net/snmp6'): Counters {
  const counters = table<number>()
  for (const place of lines(text, file)) {
    const match = /^(\w+)[ \t]+(-?\d+)[ \t]*$/.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'a name and a value')
    counters[match[1]!] = integer(match[2], place)
  }
  return counters
}

/** Sockets in use; `memPages` is in pages, `memoryBytes` in bytes, everything else a number of sockets or fragments. */
export type Sockstat = ProtocolCounters

const UNITS: Readonly<Record<string, string>> = { mem: 'memPages', memory: 'memoryBytes' }

/**
 * The protocols of a net/sockstat or net/sockstat6 text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/sockstat
 * @example
 * parseSockstat('TCP: inuse 1 orphan 0 tw 3 alloc 1 mem 211\n').TCP?.memPages // 211
 */
export function parseSockstat(text: string, file = 'net/sockstat'): Sockstat {
  const protocols = table<Counters>()
  for (const place of lines(text, file)) {
    const { protocol, columns } = split(place)
    const counters = table<number>()
    for (let at = 0; at < columns.length; at += 2) counters[UNITS[columns[at]!] ?? columns[at]!] = integer(columns[at + 1], place)
    protocols[protocol] = counters
  }
  return protocols
}
