import { exactInteger, hexadecimalQuantity } from '../integer.ts'
import { type Place, ProcParseError } from '../proc-parse-error.ts'
import { allRecords, type BeginRecords } from '../records.ts'

// enum sock_type of include/linux/net.h.
const TYPES: Readonly<Record<number, UnixSocket['type']>> = { 1: 'stream', 2: 'dgram', 5: 'seqpacket' }
// enum socket_state of include/uapi/linux/net.h.
const STATES = ['free', 'unconnected', 'connecting', 'connected', 'disconnecting'] as const
// __SO_ACCEPTCON of include/uapi/linux/net.h.
const ACCEPTS = 0x10000

/**
 * A Unix domain socket.
 *
 * @see proc(5) /proc/net/unix, unix(7)
 */
export interface UnixSocket {
  readonly references: number
  readonly protocol: number
  /** Whether connections can be made to it. */
  readonly listening: boolean
  readonly type: 'stream' | 'dgram' | 'seqpacket' | `type_${number}`
  readonly state: (typeof STATES)[number] | `state_${number}`
  /** The number in the link `socket:[inode]` of /proc/PID/fd; undefined on kernels that leave the column out. */
  readonly inode?: bigint
  /**
   * What it is bound to: a path, or `@` and an abstract name, whose NUL bytes show as `@`. Absent when not bound.
   * Not trusted: a newline in it is not escaped, so a name can look like further lines of the file.
   */
  readonly path?: string
}

const WITH_INODE = /^[0-9a-f]+: ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d{1,20})(?: (.*))?$/i
const WITHOUT_INODE = /^[0-9a-f]+: ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2})()(?: +(.*))?$/i

function socket(match: RegExpExecArray, place: Place): UnixSocket {
  const [, references, protocol, flags, type, state, inode, path] = match
  const typeNumber = hexadecimalQuantity(type, place)
  const stateNumber = hexadecimalQuantity(state, place)
  return {
    references: hexadecimalQuantity(references, place),
    protocol: hexadecimalQuantity(protocol, place),
    listening: (hexadecimalQuantity(flags, place) & ACCEPTS) !== 0,
    type: TYPES[typeNumber] ?? `type_${typeNumber}`,
    state: STATES[stateNumber] ?? `state_${stateNumber}`,
    ...(inode === '' ? {} : { inode: exactInteger(inode, place) }),
    ...(path === undefined || path === '' ? {} : { path }),
  }
}

export const unixSocketRecords: BeginRecords<UnixSocket> = (file) => {
  let form: RegExp | undefined
  let pending: UnixSocket | undefined
  return {
    line: (place) => {
      if (form === undefined) {
        if (!place.text.startsWith('Num')) throw new ProcParseError(place, 'a heading that begins with "Num"')
        form = place.text.includes('Inode') ? WITH_INODE : WITHOUT_INODE
        return undefined
      }
      const match = form.exec(place.text)
      if (match === null) {
        // A path may hold newlines: this is more of the last one.
        if (pending?.path === undefined) throw new ProcParseError(place, 'the columns of a socket')
        pending = { ...pending, path: `${pending.path}\n${place.text}` }
        return undefined
      }
      const whole = pending
      pending = socket(match, place)
      return whole
    },
    end: () => {
      if (form === undefined) throw new ProcParseError({ file, line: 1, text: '' }, 'a heading that begins with "Num"')
      return pending
    },
  }
}

/**
 * The sockets of a net/unix text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/unix
 * @example
 * parseUnixSockets(readFileSync('/proc/net/unix', 'utf8')).filter(({ listening }) => listening)
 */
export function parseUnixSockets(text: string, file = 'net/unix'): UnixSocket[] {
  return allRecords(unixSocketRecords, text, file)
}
