import { sys, type Program } from '@ctr/syscall'
import { idMapText, validateIdMap, type IdMapRange } from './uid_map.ts'

export interface IdMaps {
  readonly uid: readonly IdMapRange[]
  readonly gid: readonly IdMapRange[]
  /** Project IDs, which filesystems count quotas by (xfs_quota(8)). They need no right beyond that of their writer to open the file. */
  readonly projid?: readonly IdMapRange[]
  /** `'deny'` is needed to write gid_map without CAP_SETGID in the parent namespace, and cannot be taken back. Default: left alone. */
  readonly setgroups?: 'allow' | 'deny'
}

/**
 * The ID maps of a process in a new user namespace, as calls that its parent makes.
 *
 * @returns calls for a process outside of the user namespace, or in it for a map of its own ID
 * @throws RangeError the kernel would refuse a map
 * @see user_namespaces(7)
 */
export function idMaps(pid: number, { uid, gid, projid, setgroups }: IdMaps, root = '/proc'): Program {
  if (!Number.isInteger(pid) || pid < 1) throw new RangeError(`Cannot write ID maps of process ${pid}`)
  validateIdMap(uid)
  validateIdMap(gid)
  if (projid) validateIdMap(projid)
  return [
    ...(setgroups === undefined ? [] : store(`${root}/${pid}/setgroups`, setgroups, 'setgroups', 'gid_map is refused to the unprivileged while groups could be dropped')),
    ...store(`${root}/${pid}/uid_map`, idMapText(uid), 'uid_map', 'the whole map goes in one write: there is no second'),
    ...store(`${root}/${pid}/gid_map`, idMapText(gid), 'gid_map', 'the whole map goes in one write: there is no second'),
    ...(projid === undefined ? [] : store(`${root}/${pid}/projid_map`, idMapText(projid), 'projid_map', 'without a map every project ID shows as 65534')),
  ]
}

function store(path: string, text: string, as: string, why: string): Program {
  return [
    sys.openat('AT_FDCWD', path, ['O_WRONLY', 'O_CLOEXEC'], 0, { as, why: 'the kernel looks at who opened the file' }),
    sys.write({ fd: as }, text, { why, returns: text.length }),
    sys.close({ fd: as }, 'the file is needed once'),
  ]
}
