import { writeFileSync } from 'node:fs'

/** Ids inside, ids outside, how many. */
export type IdMap = readonly (readonly [inside: number, outside: number, count: number])[]

export interface IdMaps {
  readonly uid: IdMap
  readonly gid: IdMap
}

/** The process's ids mean something from here on. setgroups has to be denied first where we are not privileged (user_namespaces(7)). */
export function writeIdMaps(pid: number, { uid, gid }: IdMaps): void {
  const text = (map: IdMap) => map.map((line) => line.join(' ')).join('\n')
  if (process.geteuid?.() !== 0) writeFileSync(`/proc/${pid}/setgroups`, 'deny')
  writeFileSync(`/proc/${pid}/gid_map`, text(gid))
  writeFileSync(`/proc/${pid}/uid_map`, text(uid))
}
