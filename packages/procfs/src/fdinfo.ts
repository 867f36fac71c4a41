import {
  type EpollTarget, epollTarget, type EventfdInfo, type InotifyWatch, inotifyWatch, KIND_FIELDS, KIND_LINES, type SignalfdInfo, type TimerfdInfo,
} from './fdinfo-kinds.ts'
import { exactInteger, integer, integers, octal } from './integer.ts'
import { lines } from './lines.ts'
import { type FileLock, fileLock } from './locks.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

/**
 * What the kernel tells of an open file description.
 *
 * @see proc(5) /proc/pid/fdinfo
 */
export interface FdInfo {
  /** File offset in bytes; an eventfd, a pipe and the like have 0. */
  readonly posBytes: bigint
  /** Open flags as a number, O_CLOEXEC included: 0o2000000. */
  readonly flags: number
  /** The id of the mount in mountinfo. */
  readonly mntId?: number
  readonly inode?: bigint
  /** Of a pidfd: the process in the PID namespace of this procfs; 0 when it is outside, -1 when it was reaped. */
  readonly pid?: number
  /** Of a pidfd: its PID in every namespace. */
  readonly nspid?: readonly number[]
  readonly eventfd?: EventfdInfo
  readonly timerfd?: TimerfdInfo
  readonly signalfd?: SignalfdInfo
  /** What an epoll instance watches; absent also when it watches nothing. */
  readonly epoll?: readonly EpollTarget[]
  /** What an inotify instance watches; absent also when it watches nothing. */
  readonly inotify?: readonly InotifyWatch[]
  /** Locks that this process holds through the description. */
  readonly locks?: readonly FileLock[]
  /** Lines of other kinds of file (fanotify, bpf, drm), as printed. */
  readonly unknown: readonly string[]
}

const FIELDS: ReadonlyMap<string, readonly [keyof FdInfo, (value: string, place: Place) => unknown]> = new Map([
  ['pos', ['posBytes', exactInteger]],
  ['flags', ['flags', octal]],
  ['mnt_id', ['mntId', integer]],
  ['ino', ['inode', exactInteger]],
  ['Pid', ['pid', integer]],
  ['NSpid', ['nspid', integers]],
] as const)

const ROWS: readonly (readonly [start: string, property: 'epoll' | 'inotify' | 'locks', read: (place: Place) => unknown])[] = [
  ['tfd:', 'epoll', epollTarget],
  ['inotify wd:', 'inotify', inotifyWatch],
  ['lock:\t', 'locks', (place) => fileLock(place, place.text.slice('lock:\t'.length))],
]

/**
 * The fields of a /proc/PID/fdinfo/FD text.
 *
 * @throws {ProcParseError} when a known field is malformed, or pos or flags is missing
 * @see proc(5) /proc/pid/fdinfo
 * @example
 * parseFdInfo('pos:\t0\nflags:\t02004002\nmnt_id:\t9\n').mntId // 9
 */
export function parseFdInfo(text: string, file = 'fdinfo'): FdInfo {
  const found: { -readonly [Property in keyof FdInfo]?: unknown } = {}
  const kinds: { -readonly [Kind in keyof typeof KIND_FIELDS]?: Record<string, unknown> } = {}
  const rows: { [Property in 'epoll' | 'inotify' | 'locks']?: unknown[] } = {}
  const unknown: string[] = []
  const all = lines(text, file)
  const end = all.at(-1) ?? { file, line: 1, text: '' }
  for (const place of all) {
    const row = ROWS.find(([start]) => place.text.startsWith(start))
    if (row !== undefined) {
      (rows[row[1]] ??= []).push(row[2](place))
      continue
    }
    const match = /^([\w-]+(?: flags)?):[ \t]*([^:]*)$/.exec(place.text)
    const key = match?.[1] ?? ''
    const field = FIELDS.get(key)
    const kind = KIND_LINES.get(key)
    if (field !== undefined) found[field[0]] = field[1](match![2]!.trim(), place)
    else if (kind !== undefined) (kinds[kind[0]] ??= {})[kind[1]] = kind[2](match![2]!.trim(), place)
    else unknown.push(place.text)
  }
  for (const property of ['posBytes', 'flags'] as const) {
    if (!(property in found)) throw new ProcParseError(end, `a line with ${property} before the end`)
  }
  for (const [kind, fields] of Object.entries(kinds)) {
    const missing = KIND_FIELDS[kind as keyof typeof KIND_FIELDS].find((name) => !(name in fields))
    if (missing !== undefined) throw new ProcParseError(end, `a line with ${missing} of the ${kind} before the end`)
  }
  return { ...found, ...kinds, ...rows, unknown } as unknown as FdInfo
}
