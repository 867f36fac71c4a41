import type { Caller } from '../caller.ts'
import type { OciConfig } from '../config/config-shape.ts'
import type { OciIdMap } from '../config/linux-shape.ts'
import { ConfigError } from '../config/shape.ts'
import { hostId } from '../host-id.ts'

/** What the user namespace of a container means for the calls that make it. */
export interface UserNamespace {
  readonly setgroups: boolean
  readonly traceable: boolean
}

/**
 * @throws ConfigError the user, a group or a mount of the configuration has an ID that the maps do not have; or an ordinary user asks for
 *   what takes a user namespace without one
 */
export function userNamespaceOf(config: OciConfig, { uid, gid, privileged, setgroups }: Caller): UserNamespace {
  const { namespaces = [], uidMappings, gidMappings } = config.linux ?? {}
  const user = namespaces.find(({ type }) => type === 'user')
  if (!user && !privileged) throw new ConfigError('linux.namespaces', `user ${uid} can make the other namespaces only within a user namespace, which is not among them: spec --rootless writes one`)
  const time = namespaces.findIndex(({ type, path }) => type === 'time' && !path)
  if (time >= 0 && !privileged) throw new ConfigError(`linux.namespaces[${time}]`, 'its clocks have to be moved before anybody is in it, and in front of the user namespace only root may make it (unshare(2), EPERM)')
  if (!user || user.path || !uidMappings || !gidMappings) return { setgroups, traceable: false }
  checkMapped(config, uidMappings, gidMappings)
  // Without a range of subordinate groups the kernel asks for setgroups to be denied (user_namespaces(7)), and newgidmap(1) denies it.
  const only = !privileged && gidMappings.every(({ hostID, size }) => hostID === gid && size === 1)
  // Who joins namespaces of others finds them in there.
  return { setgroups: setgroups && !only, traceable: !privileged && !namespaces.some(({ type, path }) => path && (type === 'pid' || type === 'mount')) }
}

function checkMapped({ process, mounts = [] }: OciConfig, uids: OciIdMap, gids: OciIdMap): void {
  const check = (path: string, id: number, map: OciIdMap, name: string) => {
    if (hostId(id, map) === undefined) throw new ConfigError(path, `${id} is not an ID of the container: linux.${name} does not map it`)
  }
  const { uid = 0, gid = 0, additionalGids = [] } = process?.user ?? {}
  // What is made for the container belongs to its root.
  check('linux.uidMappings', 0, uids, 'uidMappings')
  check('linux.gidMappings', 0, gids, 'gidMappings')
  check('process.user.uid', uid, uids, 'uidMappings')
  check('process.user.gid', gid, gids, 'gidMappings')
  for (const [i, each] of additionalGids.entries()) check(`process.user.additionalGids[${i}]`, each, gids, 'gidMappings')
  for (const [i, { options = [] }] of mounts.entries()) {
    for (const option of options) {
      const [, name, id] = /^(uid|gid)=(\d{1,10})$/.exec(option) ?? []
      if (name !== undefined) check(`mounts[${i}].options`, Number(id), name === 'uid' ? uids : gids, `${name}Mappings`)
    }
  }
}
