import { columns } from '../columns.ts'
import { integer } from '../integer.ts'
import { lines } from '../lines.ts'
import { ProcParseError } from '../proc-parse-error.ts'

/** A row: the number in a column, by the heading's name; of `perms`, which is octal, the bits. */
export type SysvRow = (name: string) => number

/** The rows of a table under /proc/sysvipc, by the names of its heading. */
export function rowsByName(text: string, file: string, needed: readonly string[]): SysvRow[] {
  const [heading, ...rows] = lines(text, file)
  const names = heading === undefined ? [] : heading.text.trim().split(/ +/)
  const missing = needed.find((name) => !names.includes(name))
  if (missing !== undefined) throw new ProcParseError(heading ?? { file, line: 1, text: '' }, `a heading with ${missing}`)
  return rows.map((place) => {
    const found = columns(place, names.length, 'the columns of the heading')
    return (name) => {
      const column = found[names.indexOf(name)]
      if (name !== 'perms') return integer(column, place)
      if (!/^[0-7]{1,6}$/.test(column ?? '')) throw new ProcParseError(place, 'permission bits in octal')
      return Number.parseInt(column!, 8)
    }
  })
}

/** What every System V object has. Keys are signed: IPC_PRIVATE is 0. @see sysvipc(7) */
export interface SysvObject {
  readonly key: number
  readonly id: number
  /** Permission bits and, of shared memory, SHM_DEST 0o1000 and SHM_LOCKED 0o2000. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly creatorUid: number
  readonly creatorGid: number
  /** Seconds since 1970, UTC; the last change by …ctl(2). */
  readonly changedSeconds: number
}

export function sysvObject(row: SysvRow, id: string): SysvObject {
  return {
    key: row('key'), id: row(id), mode: row('perms'), uid: row('uid'), gid: row('gid'),
    creatorUid: row('cuid'), creatorGid: row('cgid'), changedSeconds: row('ctime'),
  }
}

export const OBJECT_COLUMNS: readonly string[] = ['key', 'perms', 'uid', 'gid', 'cuid', 'cgid', 'ctime']
