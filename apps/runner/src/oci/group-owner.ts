import type { Layout } from '@ctr/cgroup'
import type { Caller } from './caller.ts'
import { destinationOf } from './config/check-mounts.ts'
import type { OciConfig } from './config/config-shape.ts'
import { hostId } from './host-id.ts'

/**
 * Who the group of a container is to belong to, as the host counts users: the user of its process, where it can see the group as the root of
 * a cgroup namespace of its own and may write to it. Nobody where that is not so, and on version 1, whose groups cannot be lent safely; nor
 * where it would be another than we are, and we may give nothing away: the group stays ours then, who are root in there.
 *
 * @see OCI runtime-spec config-linux.md, Cgroup ownership
 */
export function groupOwner({ process, linux = {}, mounts = [] }: OciConfig, { mode }: Layout, { privileged, uid }: Pick<Caller, 'privileged' | 'uid'>): number | undefined {
  const { namespaces = [], uidMappings } = linux
  const made = (type: string) => namespaces.some((each) => each.type === type && !each.path)
  const writable = mounts.some((mount) => mount.type === 'cgroup' && destinationOf(mount) === '/sys/fs/cgroup' && !mount.options?.includes('ro'))
  if (mode !== 'v2' || !made('cgroup') || !writable) return undefined
  // The maps of a user namespace that is another's are not ours to know.
  if (namespaces.some(({ type, path }) => type === 'user' && path)) return undefined
  const owner = hostId(process?.user?.uid ?? 0, made('user') ? uidMappings : undefined)
  return privileged || owner === uid ? owner : undefined
}
