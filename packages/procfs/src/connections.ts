import type { Directory } from './directory.ts'
import { errorCode } from './error-code.ts'
import { parseFdTarget } from './fd.ts'
import type { InetSocket } from './net/inet-socket.ts'
import type { UnixSocket } from './net/unix.ts'
import { NET_READINGS } from './net-readings.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import type { Reading } from './reading.ts'
import { TASK_READINGS } from './task-readings.ts'

const INET = ['tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6', 'icmp', 'icmp6'] as const

/** A file of net/ that lists IP sockets. */
export type InetProtocol = (typeof INET)[number]

export type ConnectionProtocol = InetProtocol | 'unix'

/** A descriptor that refers to a socket. */
export interface SocketOwner {
  readonly pid: number
  readonly fd: number
}

/** A socket, the network namespace that it is of (an inode number), and who has it open. */
export type Connection = {
  readonly namespace: number
  /** Empty for one that no process has open any more, such as one in time_wait, or that only unreadable processes have. */
  readonly owners: readonly SocketOwner[]
} & (
  | { readonly protocol: InetProtocol; readonly socket: InetSocket }
  | { readonly protocol: 'unix'; readonly socket: UnixSocket }
)

interface Holdings {
  readonly owners: Map<bigint, SocketOwner[]>
  /** By network namespace: processes to read it through. */
  readonly members: Map<number, Directory[]>
}

/** Passes over a process that is gone, or that the reader may not look into. */
const passOver = (error: unknown): boolean => error instanceof ProcessVanishedError || errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM'

function* holdings(processes: readonly Directory[]): Reading<Holdings> {
  const owners = new Map<bigint, SocketOwner[]>()
  const members = new Map<number, Directory[]>()
  for (const process of processes) {
    try {
      const namespace = yield* TASK_READINGS.namespace(process, 'net')
      if (namespace === undefined) continue
      members.set(namespace, [...members.get(namespace)?.slice(0, MOST_TRIED - 1) ?? [], process])
      for (const { fd, target } of yield* TASK_READINGS.fd(process)) {
        const to = parseFdTarget(target)
        if (to.kind !== 'inode' || to.type !== 'socket') continue
        const owner = { pid: process.pid!, fd }
        const known = owners.get(to.inode)
        if (known === undefined) owners.set(to.inode, [owner])
        else known.push(owner)
      }
    } catch (error) {
      if (!passOver(error)) throw error
    }
  }
  return { owners, members }
}

// Of a namespace whose first members end meanwhile, so many others are tried.
const MOST_TRIED = 8

function* socketsOf(process: Directory, protocols: readonly ConnectionProtocol[]): Reading<Omit<Connection, 'namespace' | 'owners'>[]> {
  const net = process.child('net')
  const found: Omit<Connection, 'namespace' | 'owners'>[] = []
  for (const protocol of protocols) {
    try {
      const sockets: readonly (InetSocket | UnixSocket)[] = yield* NET_READINGS[protocol](net)
      for (const socket of sockets) found.push({ protocol, socket })
    } catch (error) {
      // A kernel without this protocol.
      if (error instanceof ProcessVanishedError || errorCode(error) !== 'ENOENT') throw error
    }
  }
  return found
}

/** The sockets of the network namespaces that some processes are in. */
export function* connectionsOf(processes: readonly Directory[], protocols: readonly ConnectionProtocol[] = [...INET, 'unix']): Reading<Connection[]> {
  const { owners, members } = yield* holdings(processes)
  const connections: Connection[] = []
  for (const [namespace, candidates] of members) {
    for (const process of candidates) {
      try {
        for (const found of yield* socketsOf(process, protocols)) {
          const { inode } = found.socket
          const own = inode === undefined ? undefined : owners.get(inode)
          connections.push({ ...found, namespace, owners: own ?? [] } as Connection)
        }
        break
      } catch (error) {
        if (!passOver(error)) throw error
      }
    }
  }
  return connections
}
