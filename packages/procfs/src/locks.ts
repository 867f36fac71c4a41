import { exactInteger, integer } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import { allRecords, type BeginRecords, everyLine } from './records.ts'

/**
 * A lock on a file, or one that waits for it.
 *
 * @see proc(5) /proc/locks, fcntl(2), flock(2)
 */
export interface FileLock {
  /** The number in the list: those that wait have that of the lock that they wait for. */
  readonly id: number
  /** Whether it waits for the lock of that id. */
  readonly waits: boolean
  /** `POSIX` fcntl(2), `OFDLCK` of an open file description, `FLOCK` flock(2), `LEASE`, `DELEG`. */
  readonly type: string
  /** `ADVISORY`; of a lease `ACTIVE`, `BREAKING` or `BREAKER`. */
  readonly mode: string
  readonly access: 'READ' | 'WRITE' | (string & {})
  /** In the PID namespace of this procfs. -1 for an open file description's, which is of no process. */
  readonly pid: number
  /** Of the file, with the device; absent when the lock has no file. */
  readonly file?: { readonly major: number; readonly minor: number; readonly inode: bigint }
  readonly startBytes: bigint
  /** The last byte; undefined is to the end of the file, however long it becomes. */
  readonly endBytes?: bigint
}

// fs/locks.c lock_get_status(): "%lld: ", then for each that waits blanks and "-> ".
const LINE = /^(\d{1,20}): *(-> *)?(\S+) +(\S+) +(\S+) +(-?\d{1,10}) (?:([0-9a-f]{1,8}):([0-9a-f]{1,8}):(\d{1,20})|<none>:0) (\d{1,20}) (\d{1,20}|EOF)$/

/** One lock as /proc/locks and /proc/PID/fdinfo/FD print it. */
export function fileLock(place: Place, text: string): FileLock {
  const match = LINE.exec(text)
  if (match === null) throw new ProcParseError(place, 'id: type mode access pid major:minor:inode start end')
  const [, id, waits, type, mode, access, pid, major, minor, inode, start, end] = match
  return {
    id: integer(id, place),
    waits: waits !== undefined,
    type: type!,
    mode: mode!,
    access: access!,
    pid: integer(pid, place),
    ...(inode === undefined ? {} : { file: { major: Number.parseInt(major!, 16), minor: Number.parseInt(minor!, 16), inode: exactInteger(inode, place) } }),
    startBytes: exactInteger(start, place),
    ...(end === 'EOF' ? {} : { endBytes: exactInteger(end, place) }),
  }
}

export const lockRecords: BeginRecords<FileLock> = everyLine((place) => fileLock(place, place.text))

/**
 * The locks of a /proc/locks text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/locks
 * @example
 * parseLocks('1: FLOCK  ADVISORY  WRITE 28701 fe:00:15089667 0 EOF\n')[0]?.pid // 28701
 */
export function parseLocks(text: string, file = 'locks'): FileLock[] {
  return allRecords(lockRecords, text, file)
}
