import { constant, flagText } from '../constant.ts'
import type { Constant } from '../families.ts'
import { checkName, checkNames, one } from './flags.ts'
import { int, mode } from './number.ts'
import { quoted } from './string.ts'
import { quote, refuse, type Param } from './param.ts'

const utf8 = new TextEncoder()

/** RLIM64_INFINITY is all ones: it has no number in JSON, so it has a name. */
export type Limit = number | 'RLIM64_INFINITY'
export interface Rlimit {
  readonly rlim_cur: Limit
  readonly rlim_max: Limit
}

const limitText = (value: Limit) => (typeof value === 'number' && value > 1024 && value % 1024 === 0 ? `${value / 1024}*1024` : String(value))

export function rlimit(name: string): Param<Rlimit> {
  return {
    name,
    check: (value) => {
      const { rlim_cur, rlim_max } = (typeof value === 'object' && value !== null ? value : refuse(name, '{ rlim_cur, rlim_max }', value)) as Rlimit
      for (const limit of [rlim_cur, rlim_max])
        if (limit !== 'RLIM64_INFINITY' && !(Number.isSafeInteger(limit) && limit >= 0)) throw new RangeError(`${name} must hold numbers or 'RLIM64_INFINITY', not ${quote(limit)}`)
    },
    print: (value) => `{rlim_cur=${limitText(value.rlim_cur)}, rlim_max=${limitText(value.rlim_max)}}`,
    encode: (value, memory) => {
      const word = (limit: Limit) => (limit === 'RLIM64_INFINITY' ? 2n ** 64n - 1n : BigInt(limit))
      return [memory.place(new Uint8Array(BigUint64Array.of(word(value.rlim_cur), word(value.rlim_max)).buffer))]
    },
  }
}

export interface Timespec {
  readonly tv_sec: number
  readonly tv_nsec: number
}

/** A struct timespec, or NULL: for ever. */
export function timespec(name: string): Param<Timespec | null> {
  return {
    name,
    check: (value) => {
      if (value === null) return
      const { tv_sec, tv_nsec } = (typeof value === 'object' ? value : refuse(name, '{ tv_sec, tv_nsec } or null', value)) as Timespec
      if (!Number.isSafeInteger(tv_sec) || !Number.isInteger(tv_nsec) || tv_nsec < 0 || tv_nsec > 999_999_999) throw new RangeError(`${name} must hold seconds and nanoseconds, not ${quote(value)}`)
    },
    print: (value) => (value === null ? 'NULL' : `{tv_sec=${value.tv_sec}, tv_nsec=${value.tv_nsec}}`),
    encode: (value, memory) => (value === null ? [0n] : [memory.place(new Uint8Array(BigInt64Array.of(BigInt(value.tv_sec), BigInt(value.tv_nsec)).buffer))]),
  }
}

export interface DeviceNode {
  readonly type: Constant<'type'>
  readonly mode: number
  readonly major?: number
  readonly minor?: number
}

/** mknodat(2)'s mode and dev together: strace shows dev for device nodes only. */
export function deviceNode(name: string): Param<DeviceNode> {
  const permissions = mode('mode')
  return {
    name,
    check: (value) => {
      const node = (typeof value === 'object' && value !== null ? value : refuse(name, '{ type, mode, major, minor }', value)) as DeviceNode
      checkName('type', 'type', node.type)
      permissions.check(node.mode)
      for (const [part, most] of [[node.major ?? 0, 0xfff], [node.minor ?? 0, 0xfffff]] as const) if (!Number.isInteger(part) || part < 0 || part > most) throw new RangeError(`${name} has a device number out of range: ${quote(part)}`)
    },
    print: ({ type, mode, major = 0, minor = 0 }, view, args) =>
      `${type}|${permissions.print(mode, view, args)}` + (type === 'S_IFCHR' || type === 'S_IFBLK' ? `, makedev(${hex(major)}, ${hex(minor)})` : ''),
    // new_encode_dev (include/linux/kdev_t.h): the minor number's upper bits are above the major's twelve
    encode: ({ type, mode, major = 0, minor = 0 }) => [BigInt(constant(type) | mode), (BigInt(minor >> 8) << 20n) | (BigInt(major) << 8n) | BigInt(minor & 0xff)],
  }
}

/** As printf's `%#x` has it: a zero has no prefix. */
const hex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`)

export interface InterfaceFlags {
  readonly ifr_name: string
  readonly ifr_flags: readonly Constant<'ifr'>[]
}

/** struct ifreq as SIOCSIFFLAGS reads it: 16 bytes of name, then the flags. */
export function ifreqFlags(name: string): Param<InterfaceFlags> {
  return {
    name,
    check: (value) => {
      const { ifr_name, ifr_flags } = (typeof value === 'object' && value !== null ? value : refuse(name, '{ ifr_name, ifr_flags }', value)) as InterfaceFlags
      if (typeof ifr_name !== 'string' || ifr_name.length === 0 || utf8.encode(ifr_name).length > 15 || ifr_name.includes('\0')) throw new RangeError(`${name} needs an interface name of 1 to 15 bytes, not ${quote(ifr_name)}`)
      checkNames('ifr_flags', 'ifr', ifr_flags)
    },
    print: ({ ifr_name, ifr_flags }) => `{ifr_name=${quoted(utf8.encode(ifr_name))}, ifr_flags=${flagText('ifr', ifr_flags)}}`,
    encode: ({ ifr_name, ifr_flags }, memory) => {
      const out = new Uint8Array(40)
      utf8.encodeInto(ifr_name, out)
      new DataView(out.buffer).setUint16(16, ifr_flags.reduce((sum, flag) => sum | constant(flag), 0), true)
      return [memory.place(out)]
    },
  }
}

/** A pointer to an int: TIOCSPTLCK's `[0]`. */
export function intByReference(name: string): Param<number> {
  return {
    name,
    check: int(name).check,
    print: (value) => `[${value}]`,
    encode: (value, memory) => [memory.place(new Uint8Array(Int32Array.of(value).buffer))],
  }
}

/** A kernel struct that we only ever hand back as we got it (struct termios): strace decodes it, we show its bytes. */
export function opaque(name: string, bytes: number): Param<{ readonly hex: string }> {
  return {
    name,
    check: (value) => {
      const hex = typeof value === 'object' && value !== null && 'hex' in value ? value.hex : undefined
      if (typeof hex !== 'string' || hex.length !== bytes * 2 || !/^[\da-f]*$/.test(hex)) refuse(name, `${bytes} bytes as { hex }`, value)
    },
    print: (value) => `{0x${value.hex}}`,
    encode: (value, memory) => [memory.place(Uint8Array.from(value.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))],
  }
}

// linux/ioprio.h: the class is above the 13 bits of its level
const ioprioClasses = ['IOPRIO_CLASS_NONE', 'IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE']

/** An I/O priority as ioprio_set(2) takes it; 0 is "none set". */
export function ioprio(name: string): Param<number> {
  return {
    name,
    check: (value) => { if (!Number.isInteger(value) || Number(value) < 0 || Number(value) >> 13 > 3) throw new RangeError(`${name} must be a class from 0 to 3 above 13 bits of level, not ${quote(value)}`) },
    print: (value) => `IOPRIO_PRIO_VALUE(${ioprioClasses[value >> 13]}, ${value & 0x1fff})`,
    encode: (value) => [BigInt(value)],
  }
}

/** socket(2)'s protocol. The same number means another protocol in each domain: IPPROTO_IP is 0, "the usual one". */
export function protocol(name: string): Param<Constant<'ipproto'>> {
  return {
    ...one(name, 'ipproto'),
    print: (value, _view, [domain]) => {
      if (domain === 'AF_INET' || domain === 'AF_INET6') return value
      return domain === 'AF_NETLINK' && value === 'IPPROTO_IP' ? 'NETLINK_ROUTE' : String(constant(value))
    },
  }
}
