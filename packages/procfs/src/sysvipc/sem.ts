import { OBJECT_COLUMNS, rowsByName, sysvObject, type SysvObject } from './table.ts'

/** A set of semaphores. */
export interface SemaphoreSet extends SysvObject {
  readonly semaphores: number
  /** Seconds since 1970 of the last semop(2), 0 for never. */
  readonly operatedSeconds: number
}

const NEEDED = [...OBJECT_COLUMNS, 'semid', 'nsems', 'otime']

/**
 * The semaphore sets of a /proc/sysvipc/sem text: those of the reader's IPC namespace.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/sysvipc
 */
export function parseSysvSem(text: string, file = 'sysvipc/sem'): SemaphoreSet[] {
  return rowsByName(text, file, NEEDED).map((row) => ({ ...sysvObject(row, 'semid'), semaphores: row('nsems'), operatedSeconds: row('otime') }))
}
