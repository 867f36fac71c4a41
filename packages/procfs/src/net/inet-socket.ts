import type { Endianness } from '../directory.ts'
import { columns } from '../columns.ts'
import { exactInteger, hexadecimalQuantity, integer } from '../integer.ts'
import { type Place, ProcParseError } from '../proc-parse-error.ts'
import { allRecords, everyLine, type BeginRecords, underHeading } from '../records.ts'
import { wordsAddress } from './address.ts'

// include/net/tcp_states.h; sockets of other protocols use two of these: established (connected) and close.
const STATES = [
  'established', 'syn_sent', 'syn_recv', 'fin_wait1', 'fin_wait2', 'time_wait', 'close', 'close_wait', 'last_ack', 'listen',
  'closing', 'new_syn_recv', 'bound_inactive',
] as const

/** `close` is also what a UDP or raw socket that is not connected shows. */
export type SocketState = (typeof STATES)[number] | `state_${number}`

// net/ipv4/tcp_ipv4.c get_tcp4_sock().
const TIMERS = ['off', 'retransmit', 'keepalive', 'time_wait', 'probe'] as const

/** `keepalive` is the socket's own timer: keep-alive, SYN-ACK or FIN_WAIT2. */
export type SocketTimer = (typeof TIMERS)[number] | `timer_${number}`

/** An end of a connection. */
export interface SocketAddress {
  /** `127.0.0.1`, `::1`, `::ffff:10.0.0.1`; `0.0.0.0` and `::` are every address or, of a peer, none. */
  readonly address: string
  /** 0 is none; of a raw socket, the IP protocol. */
  readonly port: number
}

/**
 * One socket of net/tcp, udp, raw, icmp, udplite or the `…6` of these.
 *
 * @see proc(5) /proc/net/tcp, Documentation/networking/proc_net_tcp.rst
 */
export interface InetSocket {
  /** Hash bucket or number in the list: the kernel's, and no identity. */
  readonly slot: number
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly state: SocketState
  /** Of TCP: not yet acknowledged. Of the others: memory in use. */
  readonly txQueueBytes: number
  /** Of a listener: connections that wait to be accepted. */
  readonly rxQueueBytes: number
  readonly timer: SocketTimer
  /** Until the timer fires, in ticks of 1/100 second. */
  readonly timerTicks: number
  readonly retransmits: number
  /** Owner, as seen from the reader's user namespace; 0 in time_wait, which nobody owns. */
  readonly uid: number
  /** Unanswered zero-window probes. */
  readonly probes: number
  /** 0n when no descriptor refers to it any more; otherwise the number in the link `socket:[inode]` of /proc/PID/fd. */
  readonly inode: bigint
  readonly references: number
  /** Of udp and raw: datagrams dropped because the receive queue was full. */
  readonly drops?: number
  /** Of TCP, neither in time_wait nor syn_recv: what the last columns say. */
  readonly tcp?: {
    /** Retransmission timeout. */
    readonly rtoTicks: number
    /** Delayed acknowledgement timeout. */
    readonly atoTicks: number
    /** Congestion window, in segments. */
    readonly cwnd: number
    /** Slow start threshold, in segments; undefined while it is infinite. Of a listener: the TCP Fast Open queue. */
    readonly ssthresh?: number
  }
}

function end(text: string | undefined, place: Place, endianness: Endianness): SocketAddress {
  const [address, port] = pair(text, place)
  return { address: wordsAddress(address, place, endianness), port: hexadecimalQuantity(port, place) }
}

function pair(text: string | undefined, place: Place): [left: string, right: string] {
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon === -1) throw new ProcParseError(place, 'two values with a colon between')
  return [text.slice(0, colon), text.slice(colon + 1)]
}

function socket(place: Place, endianness: Endianness): InetSocket {
  const found = columns(place, 12, 'the twelve columns of a socket')
  const [slot, local, remote, state, queues, timer, retransmits, uid, probes, inode, references, , ...rest] = found
  if (slot === undefined || !slot.endsWith(':')) throw new ProcParseError(place, 'a slot and a colon')
  const [txQueue, rxQueue] = pair(queues, place)
  const [timerKind, when] = pair(timer, place)
  const stateNumber = hexadecimalQuantity(state, place)
  const timerNumber = hexadecimalQuantity(timerKind, place)
  const common = {
    slot: integer(slot.slice(0, -1), place),
    local: end(local, place, endianness),
    remote: end(remote, place, endianness),
    state: STATES[stateNumber - 1] ?? `state_${stateNumber}` as const,
    txQueueBytes: hexadecimalQuantity(txQueue, place),
    rxQueueBytes: hexadecimalQuantity(rxQueue, place),
    timer: TIMERS[timerNumber] ?? `timer_${timerNumber}` as const,
    timerTicks: hexadecimalQuantity(when, place),
    retransmits: hexadecimalQuantity(retransmits, place),
    uid: integer(uid, place),
    probes: integer(probes, place),
    inode: exactInteger(inode, place),
    references: integer(references, place),
  }
  if (rest.length === 1) return { ...common, drops: integer(rest[0], place) }
  if (rest.length < 5) return common
  const [rtoTicks, atoTicks, , cwnd, ssthresh] = rest.map((column) => integer(column, place)) as [number, number, number, number, number]
  return { ...common, tcp: { rtoTicks, atoTicks, cwnd, ...(ssthresh === -1 ? {} : { ssthresh }) } }
}

export const inetSocketRecords: BeginRecords<InetSocket> = underHeading('sl', (file, endianness) =>
  everyLine((place) => socket(place, endianness))(file, endianness))

/**
 * The sockets of a net/tcp, tcp6, udp, udp6, udplite, udplite6, raw, raw6, icmp or icmp6 text.
 *
 * The kernel hands the file out in pieces: a socket that comes or goes meanwhile may be in it twice, or not at all.
 *
 * @param endianness byte order of the machine that the text is from
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/tcp
 * @example
 * parseInetSockets(readFileSync('/proc/net/tcp', 'utf8')).filter(({ state }) => state === 'listen')
 */
export function parseInetSockets(text: string, file = 'net/tcp', endianness: Endianness = 'LE'): InetSocket[] {
  return allRecords(inetSocketRecords, text, file, endianness)
}
