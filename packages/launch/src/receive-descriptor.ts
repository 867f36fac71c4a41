import { errnoName } from '@ctr/syscall'
import { native } from './native.ts'

/** struct cmsghdr: length, level, type; struct msghdr: where its parts are (linux/socket.h, 64 bits) */
const [header, iovAt, iovCountAt, controlAt, controlLengthAt, messageBytes] = [16, 16, 24, 32, 40, 56]
/** asm-generic/socket.h, linux/socket.h: MSG_DONTWAIT, MSG_CMSG_CLOEXEC */
const [SOL_SOCKET, SCM_RIGHTS, flags] = [1, 1, 0x40 | 0x40000000]

/** What came with one recvmsg. */
export interface ReceivedMessage {
  /** Nothing at the end of file. */
  readonly bytes: Uint8Array
  /** The descriptor that came with it, close-on-exec, for the caller to close. */
  readonly fd?: number
}

/**
 * The message waiting at a socket, and the descriptor that came with it.
 *
 * @param most of its bytes that are taken: what is longer is cut
 * @returns undefined where there is no message
 * @throws what recvmsg refuses, with its errno as `code`
 * @see recvmsg(2), unix(7)
 */
export function receiveMessage(socket: number, most: number): ReceivedMessage | undefined {
  const k = native()
  const data = new Uint8Array(new ArrayBuffer(Math.max(1, most)))
  const control = new DataView(new ArrayBuffer(24))
  const controlBytes = new Uint8Array(control.buffer)
  const iov = BigUint64Array.of(k.address(data), BigInt(data.length))
  const message = new DataView(new ArrayBuffer(messageBytes))
  message.setBigUint64(iovAt, k.address(new Uint8Array(iov.buffer)), true)
  message.setBigUint64(iovCountAt, 1n, true)
  message.setBigUint64(controlAt, k.address(controlBytes), true)
  message.setBigUint64(controlLengthAt, BigInt(control.byteLength), true)
  const received = Number(k.recvmsg(socket, new Uint8Array(message.buffer), flags))
  if (received < 0) {
    const errno = k.errno()
    const code = errnoName(errno)
    if (code === 'EAGAIN') return undefined
    throw Object.assign(new Error(`recvmsg: ${code}`), { code, errno: -errno, syscall: 'recvmsg' })
  }
  const [length, level, type] = [control.getBigUint64(0, true), control.getInt32(8, true), control.getInt32(12, true)]
  // Looked at here, so that they outlive the call.
  const passed = iov.length > 0 && length >= BigInt(header + 4) && level === SOL_SOCKET && type === SCM_RIGHTS
  return { bytes: data.subarray(0, received), ...(passed ? { fd: control.getInt32(header, true) } : {}) }
}

/**
 * The descriptor that came with the message waiting at a socket, close-on-exec, for the caller to close.
 *
 * @returns undefined where there is no message, or none came with it
 * @throws what recvmsg refuses, with its errno as `code`
 */
export const receiveDescriptor = (socket: number): number | undefined => receiveMessage(socket, 64)?.fd
