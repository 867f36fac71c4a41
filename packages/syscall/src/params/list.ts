import { constant, flagText } from '../constant.ts'
import type { Constant } from '../families.ts'
import { checkNames } from './flags.ts'
import { isFdRef, type Fd } from './number.ts'
import { checkPayload, payloadBytes, quoted, type Payload } from './string.ts'
import { quote, refuse, type Hole, type Param, type View } from './param.ts'

/** setgroups(2): the count comes first. */
export function groups(name: string): Param<readonly number[]> {
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value)) refuse(name, 'an array of group ids', value)
      for (const gid of value) if (!Number.isInteger(gid) || gid < 0 || gid >= 2 ** 32) throw new RangeError(`${name} holds ${quote(gid)}, which is no group id`)
    },
    print: (value) => (value.length === 0 ? '0, NULL' : `${value.length}, [${value.join(', ')}]`),
    encode: (value, memory) => (value.length === 0 ? [0n, 0n] : [BigInt(value.length), memory.place(new Uint8Array(Uint32Array.from(value).buffer))]),
  }
}

/** sched_setaffinity(2): the size in bytes comes first, a multiple of eight. */
export function cpus(name: string): Param<readonly number[]> {
  const bytes = (value: readonly number[]) => (Math.floor(Math.max(...value) / 64) + 1) * 8
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value) || value.length === 0) refuse(name, 'an array of CPU numbers', value)
      for (const cpu of value) if (!Number.isInteger(cpu) || cpu < 0 || cpu > 8191) throw new RangeError(`${name} holds ${quote(cpu)}, which is no CPU`)
    },
    print: (value) => `${bytes(value)}, [${[...value].sort((a, b) => a - b).join(' ')}]`,
    encode: (value, memory) => {
      const mask = new Uint8Array(bytes(value))
      for (const cpu of value) mask[cpu >> 3]! |= 1 << (cpu & 7)
      return [BigInt(mask.length), memory.place(mask)]
    },
  }
}

export interface PollFd {
  readonly fd: Fd
  readonly events: readonly Constant<'poll'>[]
}

/** ppoll(2)'s descriptors and their number; NULL for none, which makes ppoll a sleep. */
export function pollfds(name: string): Param<readonly PollFd[]> {
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value)) refuse(name, 'an array of { fd, events }', value)
      for (const item of value) {
        if (!(Number.isInteger(item?.fd) || isFdRef(item?.fd))) refuse(name, 'an array of { fd, events }', item)
        checkNames('events', 'poll', item.events)
      }
    },
    print: (value, view) =>
      value.length === 0 ? 'NULL, 0' : `[${value.map((item) => pollfdText(item, view)).join(', ')}], ${value.length}`,
    encode: (value, memory) => {
      if (value.length === 0) return [0n, 0n]
      const out = new DataView(new ArrayBuffer(value.length * 8))
      const holes: Hole[] = []
      for (const [i, { fd, events }] of value.entries()) {
        if (typeof fd === 'object') holes.push({ offset: i * 8, fd: fd.fd })
        else out.setInt32(i * 8, Number(fd), true)
        out.setInt16(i * 8 + 4, events.reduce((sum, event) => sum | constant(event), 0), true)
      }
      return [memory.place(new Uint8Array(out.buffer), holes), BigInt(value.length)]
    },
  }
}

/** The kernel passes over a negative descriptor, and strace over its events. */
function pollfdText({ fd, events }: PollFd, view: View): string {
  if (typeof fd === 'number' && fd < 0) return `{fd=${fd}}`
  return `{fd=${typeof fd === 'object' ? view.fd(fd) : fd}, events=${flagText('poll', events)}}`
}

/** writev(2)'s array of struct iovec and its length. */
export function iovecs(name: string): Param<readonly Payload[]> {
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value)) refuse(name, 'an array of strings', value)
      for (const item of value) checkPayload(name, item)
    },
    print: (value) => `[${value.map((item) => { const bytes = payloadBytes(item); return `{iov_base=${quoted(bytes)}, iov_len=${bytes.length}}` }).join(', ')}], ${value.length}`,
    encode: (value, memory) => {
      const pairs = value.flatMap((item) => { const bytes = payloadBytes(item); return [memory.place(bytes), BigInt(bytes.length)] })
      return [memory.place(new Uint8Array(BigUint64Array.from(pairs).buffer)), BigInt(value.length)]
    },
  }
}
