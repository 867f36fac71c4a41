import { sys, type ErrnoName, type Program, type Syscall } from '@ctr/syscall'
import { architectures, nameOf, x32Bit, type ArchitectureName } from './architecture.ts'

/** A descriptor by number, or by the name that a program has for it. */
export type Descriptor = number | { readonly fd: string }

/** A call that waits for an answer: struct seccomp_notif. */
export interface Notification {
  /** What the answer has to name: 64 bits in hexadecimal. */
  readonly id: string
  /** The thread, as numbered in the PID namespace of whoever reads this; 0 where it has no number there. */
  readonly pid: number
  /** The call's name; absent where its architecture or number has none here. */
  readonly name?: string
  readonly architecture?: ArchitectureName
  readonly token: number
  readonly number: number
  readonly instructionPointer: bigint
  /** All six; what a pointer points to is the caller's to change until the call is made. */
  readonly args: readonly bigint[]
}

/** The size of struct seccomp_notif, which has not changed since Linux 5.0 (SECCOMP_GET_NOTIF_SIZES). */
const bytes = 80

/** A signal that has just come, like SIGCHLD of another process, ends either call before it has an answer, whatever sigaction(2) says of restarts (signal(7)). */
const retry = ['EINTR'] as const

/** The calls that ask, without waiting, what `receive` would find: their results are for `listenerState`. */
export function pollListener(listener: Descriptor): Program {
  const now = { tv_sec: 0, tv_nsec: 0 }
  return [
    sys.ppoll([{ fd: listener, events: ['POLLIN'] }], now, { why: 'nothing may be waited for on this thread', retry }),
    // POLLHUP, which comes unasked and stays: where it is absent now, it was no part of the answer before.
    sys.ppoll([{ fd: listener, events: [] }], now, { why: 'the end of all processes behind the filter answers too', retry }),
  ]
}

/** `asks`: `receive` has a call to take. `ended`: no process behind the filter is left, so that `receive` would fail, and wait forever before Linux 6.11. */
export function listenerState([any, hangup]: readonly number[]): 'quiet' | 'asks' | 'ended' {
  if (hangup === 1) return 'ended'
  return any === 1 ? 'asks' : 'quiet'
}

/** The call that waits for the next notification, on the calling thread, as long as that takes: `pollListener` first. Its output is for `parseNotification`. */
export const receive = (listener: Descriptor): Syscall => sys.ioctl(listener, 'SECCOMP_IOCTL_NOTIF_RECV', { out: bytes }, { why: 'a call waits for an answer', retry })

/**
 * What `receive` has put out.
 *
 * @throws RangeError it is shorter than a notification
 */
export function parseNotification(output: Uint8Array): Notification {
  if (output.byteLength < bytes) throw new RangeError(`${output.byteLength} bytes are no notification: it has ${bytes}`)
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength)
  const [number, token] = [view.getUint32(16, true), view.getUint32(20, true)]
  const architecture = Object.values(architectures).find((each) => each.token === token && (each.name === 'SCMP_ARCH_X32') === (token === architectures.SCMP_ARCH_X32.token && number >= x32Bit))
  const name = architecture && nameOf(number, architecture)
  return {
    id: hexadecimal(view.getBigUint64(0, true)), pid: view.getUint32(8, true), ...(name === undefined ? {} : { name }), ...(architecture === undefined ? {} : { architecture: architecture.name }), token, number,
    instructionPointer: view.getBigUint64(24, true), args: Array.from({ length: 6 }, (_, i) => view.getBigUint64(32 + 8 * i, true)),
  }
}

const hexadecimal = (value: bigint): string => (value === 0n ? '0' : `0x${value.toString(16)}`)

/** How a call ends that waits: with a value, with an errno, or as if there were no filter. */
export type Answer = { readonly value: number } | { readonly errno: ErrnoName } | { readonly proceed: true }

/**
 * The call that lets a waiting one end.
 *
 * `proceed` makes it as it is then: the caller can have changed what its pointers point to since it was looked at, so that is no way to forbid anything.
 *
 * @throws ENOENT (SyscallError) it does not wait any more: it was interrupted, or its thread has ended
 * @throws EINPROGRESS it has an answer already
 * @see seccomp_unotify(2)
 */
export function answer(listener: Descriptor, id: string, how: Answer): Syscall {
  const given = 'value' in how ? { id, val: how.value } : 'errno' in how ? { id, error: how.errno } : { id, flags: ['SECCOMP_USER_NOTIF_FLAG_CONTINUE' as const] }
  return sys.ioctl(listener, 'SECCOMP_IOCTL_NOTIF_SEND', given, 'the thread waits until it has an answer')
}

/**
 * The call that puts a descriptor of ours into the waiting process and lets its call return the number, as one step.
 *
 * @throws ENOENT (SyscallError) the call does not wait any more
 * @throws EBADF we have no such descriptor
 * @since Linux 5.14 (as one step)
 */
export function answerWithDescriptor(listener: Descriptor, id: string, fd: Descriptor, { closeOnExec = false } = {}): Syscall {
  const given = { id, flags: ['SECCOMP_ADDFD_FLAG_SEND' as const], srcfd: fd, ...(closeOnExec ? { newfd_flags: ['O_CLOEXEC' as const] } : {}) }
  return sys.ioctl(listener, 'SECCOMP_IOCTL_NOTIF_ADDFD', given, 'the thread waits for a descriptor that it cannot open itself')
}

/**
 * The call that fails with ENOENT when a call does not wait any more: to be made after looking at /proc/PID or its memory, whose process may
 * be another one by then.
 */
export const stillWaits = (listener: Descriptor, id: string): Syscall => sys.ioctl(listener, 'SECCOMP_IOCTL_NOTIF_ID_VALID', id, 'the process that was looked at may have been another')

/** The calls that take the listener out of a process that waits at a checkpoint: the second one returns it. */
export function takeListener(pid: number, fd: number): Program {
  return [
    sys.pidfd_open(pid, { as: 'process', why: 'a number alone may mean another process by now' }),
    sys.pidfd_getfd({ fd: 'process' }, fd, { as: 'listener', why: 'whoever answers is not bound by the filter' }),
    sys.close({ fd: 'process' }, 'a descriptor must not outlive its use'),
  ]
}
