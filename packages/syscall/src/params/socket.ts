import { isFdRef, type Fd } from './number.ts'
import { checkPayload, payloadBytes, quoted, type Payload } from './string.ts'
import { quote, refuse, type Hole, type Param } from './param.ts'

const utf8 = new TextEncoder()
/** sizeof(sun_path), linux/un.h; the NUL at the end included */
const longest = 107

/** A struct sockaddr_un with a path in the file system, and its length. @see unix(7) */
export function unixAddress(name: string): Param<string> {
  return {
    name,
    isPath: true,
    check: (value) => {
      if (typeof value !== 'string' || value === '' || value.includes('\0')) refuse(name, 'the path of a socket', value)
      if (utf8.encode(value).length > longest) throw new RangeError(`${name} takes a path of ${longest} bytes, not ${quote(value)}`)
    },
    print: (value) => `{sa_family=AF_UNIX, sun_path=${quoted(utf8.encode(value))}}, 110`,
    encode: (value, memory) => {
      const out = new Uint8Array(110)
      new DataView(out.buffer).setUint16(0, 1, true)
      out.set(utf8.encode(value), 2)
      return [memory.place(out), 110n]
    },
  }
}

/** Bytes, of which there must be some, and descriptors that the receiver gets copies of. */
export interface RightsMessage {
  readonly bytes: Payload
  readonly fds: readonly Fd[]
}

const SOL_SOCKET = 1 // asm-generic/socket.h
const SCM_RIGHTS = 1 // linux/socket.h
const header = 16 // struct cmsghdr: length, level, type

/** A struct msghdr with one buffer and one control message of type SCM_RIGHTS. @see cmsg(3), unix(7) */
export function rightsMessage(name: string): Param<RightsMessage> {
  return {
    name,
    check: (value) => {
      const { bytes, fds } = (typeof value === 'object' && value !== null ? value : refuse(name, '{ bytes, fds }', value)) as RightsMessage
      checkPayload(name, bytes)
      if (payloadBytes(bytes).length === 0) throw new RangeError(`${name} needs at least one byte: a message of descriptors alone is not delivered`)
      if (!Array.isArray(fds) || fds.length === 0 || fds.length > 253) refuse(name, '1 to 253 descriptors', fds)
      for (const fd of fds) if (!(isFdRef(fd) || (Number.isInteger(fd) && Number(fd) >= 0))) refuse(name, 'descriptors', fd)
    },
    print: ({ bytes, fds }, view) => {
      const data = payloadBytes(bytes)
      const length = header + 4 * fds.length
      const shown = fds.map((fd) => (isFdRef(fd) ? view.fd(fd) : String(fd))).join(', ')
      return `{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=${quoted(data)}, iov_len=${data.length}}], msg_iovlen=1, `
        + `msg_control=[{cmsg_len=${length}, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[${shown}]}], msg_controllen=${aligned(length)}, msg_flags=0}`
    },
    encode: ({ bytes, fds }, memory) => {
      const data = payloadBytes(bytes)
      const length = header + 4 * fds.length
      const control = new DataView(new ArrayBuffer(aligned(length)))
      control.setBigUint64(0, BigInt(length), true)
      control.setInt32(8, SOL_SOCKET, true)
      control.setInt32(12, SCM_RIGHTS, true)
      const holes: Hole[] = []
      for (const [i, fd] of fds.entries()) {
        if (isFdRef(fd)) holes.push({ offset: header + 4 * i, fd: fd.fd })
        else control.setInt32(header + 4 * i, Number(fd), true)
      }
      const iov = memory.place(new Uint8Array(BigUint64Array.of(memory.place(data), BigInt(data.length)).buffer))
      const message = new DataView(new ArrayBuffer(56))
      message.setBigUint64(16, iov, true)
      message.setBigUint64(24, 1n, true)
      message.setBigUint64(32, memory.place(new Uint8Array(control.buffer), holes), true)
      message.setBigUint64(40, BigInt(control.byteLength), true)
      return [memory.place(new Uint8Array(message.buffer))]
    },
  }
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8
