import { OBJECT_COLUMNS, rowsByName, sysvObject, type SysvObject } from './table.ts'

/** A segment of shared memory. Times are in seconds since 1970, 0 for never. */
export interface SharedMemorySegment extends SysvObject {
  readonly sizeBytes: number
  /** PIDs in the PID namespace of this procfs. */
  readonly creatorPid: number
  readonly lastPid: number
  readonly attached: number
  readonly attachedSeconds: number
  readonly detachedSeconds: number
  readonly rssBytes: number
  readonly swapBytes: number
}

const NEEDED = [...OBJECT_COLUMNS, 'shmid', 'size', 'cpid', 'lpid', 'nattch', 'atime', 'dtime', 'rss', 'swap']

/**
 * The segments of a /proc/sysvipc/shm text: those of the reader's IPC namespace.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/sysvipc
 */
export function parseSysvShm(text: string, file = 'sysvipc/shm'): SharedMemorySegment[] {
  return rowsByName(text, file, NEEDED).map((row) => ({
    ...sysvObject(row, 'shmid'),
    sizeBytes: row('size'), creatorPid: row('cpid'), lastPid: row('lpid'), attached: row('nattch'),
    attachedSeconds: row('atime'), detachedSeconds: row('dtime'), rssBytes: row('rss'), swapBytes: row('swap'),
  }))
}
