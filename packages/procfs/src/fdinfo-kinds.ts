import { exactInteger, hexadecimal, hexadecimalQuantity, integer, octal } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import { type SignalName, signalNames } from './signal.ts'

/** A device number as the kernel keeps it. */
export interface DeviceNumber {
  readonly major: number
  readonly minor: number
}

/** A counter that can be waited on. @see eventfd(2) */
export interface EventfdInfo {
  readonly count: bigint
  /** @since Linux 5.2 */
  readonly id?: number
  /** @since Linux 6.5 */
  readonly semaphore?: boolean
}

/** A descriptor that an epoll instance watches. @see epoll_ctl(2) */
export interface EpollTarget {
  /** In the process that added it. */
  readonly fd: number
  /** EPOLL bits. */
  readonly events: number
  readonly data: bigint
  readonly posBytes?: bigint
  readonly inode?: bigint
  readonly device?: DeviceNumber
}

/** A file that is watched. @see inotify(7) */
export interface InotifyWatch {
  readonly wd: number
  readonly inode: bigint
  readonly device: DeviceNumber
  /** IN_ bits. */
  readonly mask: number
  /** For open_by_handle_at(2), in hexadecimal. */
  readonly fileHandle?: { readonly type: number; readonly bytes: string }
}

/** A timer. @see timerfd_create(2) */
export interface TimerfdInfo {
  /** CLOCK_ number: 0 realtime, 1 monotonic, 7 boottime. */
  readonly clockId: number
  /** Expirations that were not read. */
  readonly ticks: number
  /** TFD_TIMER_ bits. */
  readonly settimeFlags: number
  /** Until it expires next; 0n when it is not set. */
  readonly valueNanos: bigint
  readonly intervalNanos: bigint
}

const MINOR_BITS = 20

// include/linux/kdev_t.h: not the encoding of stat(2).
const device = (text: string, place: Place): DeviceNumber => {
  const number = hexadecimalQuantity(text, place)
  return { major: Math.floor(number / 2 ** MINOR_BITS), minor: number % 2 ** MINOR_BITS }
}

// fs/eventpoll.c ep_show_fdinfo().
const TARGET = /^tfd: +(-?\d{1,10}) events: +([0-9a-f]{1,8}) data: +([0-9a-f]{1,16})(?: +pos:(-?\d{1,20}) ino:([0-9a-f]{1,16}) sdev:([0-9a-f]{1,8}))?$/

export function epollTarget(place: Place): EpollTarget {
  const match = TARGET.exec(place.text)
  if (match === null) throw new ProcParseError(place, 'tfd, events and data')
  const [, fd, events, data, pos, inode, sdev] = match
  const target = { fd: integer(fd, place), events: hexadecimalQuantity(events, place), data: hexadecimal(data, place) }
  return sdev === undefined ? target : { ...target, posBytes: exactInteger(pos, place), inode: hexadecimal(inode, place), device: device(sdev, place) }
}

// fs/notify/fdinfo.c inotify_fdinfo().
const WATCH = /^inotify wd:([0-9a-f]{1,8}) ino:([0-9a-f]{1,16}) sdev:([0-9a-f]{1,8}) mask:([0-9a-f]{1,8}) ignored_mask:[0-9a-f]{1,8} ?(?:fhandle-bytes:[0-9a-f]{1,8} fhandle-type:([0-9a-f]{1,8}) f_handle:([0-9a-f]{0,256}))?$/

export function inotifyWatch(place: Place): InotifyWatch {
  const match = WATCH.exec(place.text)
  if (match === null) throw new ProcParseError(place, 'wd, ino, sdev and mask')
  const [, wd, inode, sdev, mask, type, handle] = match
  const watch = { wd: hexadecimalQuantity(wd, place), inode: hexadecimal(inode, place), device: device(sdev!, place), mask: hexadecimalQuantity(mask, place) }
  return handle === undefined ? watch : { ...watch, fileHandle: { type: hexadecimalQuantity(type, place), bytes: handle } }
}

const SECOND = 1_000_000_000n

function nanos(text: string, place: Place): bigint {
  const match = /^\((\d{1,20}), (\d{1,9})\)$/.exec(text)
  if (match === null) throw new ProcParseError(place, '(seconds, nanoseconds)')
  return exactInteger(match[1], place) * SECOND + exactInteger(match[2], place)
}

/** The lines of an eventfd, a timerfd or a signalfd: which field of which kind they are. */
export const KIND_LINES: ReadonlyMap<string, readonly [kind: 'eventfd' | 'timerfd' | 'signalfd', field: string, read: (value: string, place: Place) => unknown]> = new Map([
  ['eventfd-count', ['eventfd', 'count', hexadecimal]],
  ['eventfd-id', ['eventfd', 'id', integer]],
  ['eventfd-semaphore', ['eventfd', 'semaphore', (value: string, place: Place) => integer(value, place) !== 0]],
  ['clockid', ['timerfd', 'clockId', integer]],
  ['ticks', ['timerfd', 'ticks', integer]],
  ['settime flags', ['timerfd', 'settimeFlags', octal]],
  ['it_value', ['timerfd', 'valueNanos', nanos]],
  ['it_interval', ['timerfd', 'intervalNanos', nanos]],
  ['sigmask', ['signalfd', 'mask', (value: string, place: Place) => signalNames(hexadecimal(value, place))]],
] as const)

/** What can be read from a signalfd. @see signalfd(2) */
export interface SignalfdInfo {
  readonly mask: readonly SignalName[]
}

/** The fields that a kind has at least, by its first line. */
export const KIND_FIELDS: Readonly<Record<'eventfd' | 'timerfd' | 'signalfd', readonly string[]>> = {
  eventfd: ['count'],
  timerfd: ['clockId', 'ticks', 'settimeFlags', 'valueNanos', 'intervalNanos'],
  signalfd: ['mask'],
}
