import type { IdMaps } from './id-maps.ts'
import { validateIdMap, type IdMapRange } from './uid_map.ts'

/** A command that writes an ID map with rights that the caller does not have. */
export interface IdMapCommand {
  readonly file: 'newuidmap' | 'newgidmap'
  readonly args: readonly string[]
}

/** Who wants to write a map. */
export interface MapWriter {
  readonly uid: number
  readonly gid: number
  /** CAP_SETUID and CAP_SETGID in the parent user namespace. */
  readonly privileged: boolean
}

/**
 * The command lines that give a process's user namespace these maps, for who may not write them: newuidmap(1) and newgidmap(1) are
 * setuid, and allow what /etc/subuid and /etc/subgid say.
 *
 * @param pid a process in a new user namespace that the caller has made, held at a checkpoint
 * @throws RangeError the kernel would refuse a map
 * @example
 * idMapCommands(7, { uid: [{ inside: 0, outside: 1000, length: 1 }], gid: [{ inside: 0, outside: 1000, length: 1 }] })
 * // [{ file: 'newuidmap', args: ['7', '0', '1000', '1'] }, { file: 'newgidmap', args: ['7', '0', '1000', '1'] }]
 */
export function idMapCommands(pid: number, { uid, gid }: Pick<IdMaps, 'uid' | 'gid'>): [IdMapCommand, IdMapCommand] {
  if (!Number.isInteger(pid) || pid < 1) throw new RangeError(`Cannot write ID maps of process ${pid}`)
  return [{ file: 'newuidmap', args: line(pid, uid) }, { file: 'newgidmap', args: line(pid, gid) }]
}

function line(pid: number, map: readonly IdMapRange[]): string[] {
  validateIdMap(map)
  return [pid, ...map.flatMap(({ inside, outside, length }) => [inside, outside, length])].map(String)
}

/**
 * Whether somebody may write these maps without a command: with the right to any ID, or for one ID of each kind that is their own.
 *
 * @see user_namespaces(7), Defining user and group ID mappings: writing to uid_map and gid_map
 */
export function mayWriteIdMaps({ uid, gid, setgroups }: IdMaps, writer: MapWriter): boolean {
  const own = (map: readonly IdMapRange[], id: number): boolean => map.length === 1 && map[0]!.length === 1 && map[0]!.outside === id
  return writer.privileged || (own(uid, writer.uid) && own(gid, writer.gid) && setgroups === 'deny')
}
