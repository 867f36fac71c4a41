import { accessSync, chownSync, constants, readFileSync } from 'node:fs'
import { CgroupError } from './cgroup-error.ts'
import { explained } from './explain-refusal.ts'
import { isRoot, placeOf, type Group, type Place } from './group.ts'
import { readText } from './interface-file.ts'

/**
 * The user owns the group's subtree: may make groups below it, move its own processes among them, and set limits there, but not of the group
 * itself, which stay its maker's.
 *
 * v2: what the kernel lists in /sys/kernel/cgroup/delegate. v1: the directory, tasks and cgroup.procs, which is as safe as v1 gets: systemd
 * advises against it (Documentation of `Delegate=`). A process of the user must be put into the group by its maker: it cannot come in by itself.
 *
 * @param user a user ID, as this process sees it
 * @param group_ a group ID; -1 leaves it
 * @throws RangeError no such ID, or the group is the root
 * @throws CgroupError ENOENT no such group; EPERM not root
 * @see Documentation/admin-guide/cgroup-v2.rst, "Delegation"
 * @example
 * const lent = create(group(cgroups(), '/ctr-test-lent'), { limits: { pidsMax: 100 } })
 * delegate(lent, 1000, 1000)
 * await deleteGroup(lent)
 */
export function delegate(group: Group, user: number, group_ = -1): void {
  if (isRoot(group)) throw new RangeError('Cannot delegate cgroup "/": it is the root')
  for (const [id, least] of [[user, 0], [group_, -1]] as const) if (!Number.isInteger(id) || id < least || id >= 2 ** 32 - 1) throw new RangeError(`Cannot delegate cgroup ${group.path} to ${id}: not an ID`)
  for (const place of group.places) {
    for (const path of [place.directory, ...delegated(place).map((file) => `${place.directory}/${file}`)]) {
      try {
        chownSync(path, user, group_)
      } catch (error) {
        const { code = 'EIO', errno } = error as NodeJS.ErrnoException
        // A file of a controller that is not enabled here.
        if (code === 'ENOENT' && path !== place.directory) continue
        throw explained(new CgroupError({ code, syscall: 'chown', path, ...(errno === undefined ? {} : { errno }), ...(code === 'ENOENT' ? { hint: 'the group does not exist in this hierarchy' } : {}) }), place.version, `Cannot delegate cgroup ${group.path}`)
      }
    }
  }
}

function delegated(place: Place): string[] {
  if (place.version === 1) return ['tasks', 'cgroup.procs']
  try {
    // "cgroup.procs\n…": since Linux 4.15, and longer with each release.
    return readFileSync('/sys/kernel/cgroup/delegate', 'utf8').split('\n').filter((file) => /^[\w.]+$/.test(file))
  } catch {
    return ['cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control']
  }
}

/** What this process may do with a group, which it need not have made. */
export interface Permission {
  /** It may make groups below this one and move processes into them, in every hierarchy. */
  readonly manage: boolean
  /** The directories and files that it may not write to, or that are not there. */
  readonly refused: readonly string[]
  /** The controllers that groups below can have: on v2 the ones that this group was given. */
  readonly controllers: readonly string[]
}

/**
 * Whether this process may manage the group's subtree: as root, or because it was delegated to its user.
 *
 * Asked of `ownGroup(layout)`, this tells whether rootless containers can have limits here.
 *
 * @example
 * permission(ownGroup(cgroups())).manage // e.g. true
 */
export function permission(group: Group): Permission {
  const refused = group.places.flatMap((place) => ['', '/cgroup.procs', ...(place.version === 2 ? ['/cgroup.subtree_control'] : [])].map((file) => `${place.directory}${file}`)).filter((path) => !writable(path))
  const unified = placeOf(group, 'unified')
  const given = unified ? optional(`${unified.directory}/cgroup.controllers`).split(/\s+/).filter((name) => name !== '') : []
  return { manage: group.places.length > 0 && refused.length === 0, refused, controllers: [...group.places.flatMap((place) => (place.version === 1 ? place.controllers : [])), ...given] }
}

function writable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function optional(path: string): string {
  try {
    return readText(path)
  } catch {
    return ''
  }
}
