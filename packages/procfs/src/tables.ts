import { lockRecords } from './locks.ts'
import { mappingRecords } from './maps.ts'
import { mountRecords } from './mountinfo.ts'
import { mountEntryRecords } from './mounts.ts'
import { arpRecords } from './net/arp.ts'
import { netDeviceRecords } from './net/dev.ts'
import { inetSocketRecords } from './net/inet-socket.ts'
import { netlinkRecords } from './net/netlink.ts'
import { packetRecords } from './net/packet.ts'
import { ipv6RouteRecords, routeRecords } from './net/route.ts'
import { unixSocketRecords } from './net/unix.ts'
import { numaMappingRecords } from './numa_maps.ts'
import type { BeginRecords } from './records.ts'
import { memoryUseRecords } from './smaps.ts'

/** Files of records that can be read one record at a time. */
export type Tables = Readonly<Record<string, BeginRecords<unknown>>>

/** What a table consists of. */
export type RecordOf<Table> = Table extends BeginRecords<infer T> ? T : never

/** Of a process or a thread. */
export const TASK_TABLES = {
  maps: mappingRecords,
  smaps: memoryUseRecords,
  numa_maps: numaMappingRecords,
  mountinfo: mountRecords,
  mounts: mountEntryRecords,
} as const

/** Of a network namespace. */
export const NET_TABLES = {
  tcp: inetSocketRecords,
  tcp6: inetSocketRecords,
  udp: inetSocketRecords,
  udp6: inetSocketRecords,
  udplite: inetSocketRecords,
  udplite6: inetSocketRecords,
  raw: inetSocketRecords,
  raw6: inetSocketRecords,
  icmp: inetSocketRecords,
  icmp6: inetSocketRecords,
  unix: unixSocketRecords,
  packet: packetRecords,
  netlink: netlinkRecords,
  route: routeRecords,
  ipv6_route: ipv6RouteRecords,
  arp: arpRecords,
  dev: netDeviceRecords,
} as const

/** Of the machine. */
export const SYSTEM_TABLES = {
  locks: lockRecords,
} as const
