import type { Directory } from './directory.ts'
import { parseArp } from './net/arp.ts'
import { type Counters, parseNetSnmp, parseNetSnmp6, parseSockstat } from './net/counters.ts'
import { parseNetDev } from './net/dev.ts'
import { parseIfInet6 } from './net/if_inet6.ts'
import { parseInetSockets } from './net/inet-socket.ts'
import { parseNetlinkSockets } from './net/netlink.ts'
import { parsePacketSockets } from './net/packet.ts'
import { parseNetProtocols } from './net/protocols.ts'
import { parseIpv6Route, parseNetRoute } from './net/route.ts'
import { parseSoftnetStat } from './net/softnet_stat.ts'
import { parseUnixSockets } from './net/unix.ts'
import { file, type Reading, text } from './reading.ts'

/** The files of a network namespace: what becomes a method of Net and of AsyncNet. */
export const NET_READINGS = {
  /** Any file of the directory as text: what this package has no reader for. */
  read: (directory: Directory, name: string): Reading<string> => text(directory, name),
  /** The interfaces and their counters. */
  dev: file('dev', parseNetDev),
  tcp: file('tcp', parseInetSockets),
  /** ENOENT on a kernel without IPv6, as all that end in 6. */
  tcp6: file('tcp6', parseInetSockets),
  udp: file('udp', parseInetSockets),
  udp6: file('udp6', parseInetSockets),
  udplite: file('udplite', parseInetSockets),
  udplite6: file('udplite6', parseInetSockets),
  raw: file('raw', parseInetSockets),
  raw6: file('raw6', parseInetSockets),
  /** Ping sockets. */
  icmp: file('icmp', parseInetSockets),
  icmp6: file('icmp6', parseInetSockets),
  unix: file('unix', parseUnixSockets),
  packet: file('packet', parsePacketSockets),
  netlink: file('netlink', parseNetlinkSockets),
  snmp: file('snmp', parseNetSnmp),
  snmp6: file('snmp6', parseNetSnmp6),
  /** Counters beyond the standard's: TcpExt, IpExt, MPTcpExt. */
  netstat: file('netstat', parseNetSnmp),
  /** IPv6 and ICMPv6 counters of one interface. */
  dev_snmp6: function* (directory: Directory, name: string): Reading<Counters> {
    if (/^\.{0,2}$|[/\0]/.test(name)) throw new TypeError(`Cannot read the counters of the interface ${JSON.stringify(name)}`)
    return parseNetSnmp6(yield* text(directory, `dev_snmp6/${name}`), `${directory.path}/dev_snmp6/${name}`)
  },
  /** Errors of IPsec. Needs CONFIG_XFRM_STATISTICS: ENOENT. */
  xfrm_stat: file('xfrm_stat', parseNetSnmp6),
  sockstat: file('sockstat', parseSockstat),
  sockstat6: file('sockstat6', parseSockstat),
  protocols: file('protocols', parseNetProtocols),
  /** IPv4, the main table. */
  route: file('route', parseNetRoute),
  ipv6_route: file('ipv6_route', parseIpv6Route),
  arp: file('arp', parseArp),
  if_inet6: file('if_inet6', parseIfInet6),
  /** By processor, of the whole machine. */
  softnet_stat: file('softnet_stat', parseSoftnetStat),
} as const
