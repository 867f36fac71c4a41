import type { Layout } from './layout.ts'
import { checkInteger, show, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** v1 only: on v2 packet filters match the group itself. @see cgroup-v1/net_cls.rst, cgroup-v1/net_prio.rst */
export function networkWrites(layout: Layout, { networkClassId, networkPriorities }: Limits): LimitWrite[] {
  if (networkClassId === undefined && networkPriorities === undefined) return []
  const file = networkClassId === undefined ? 'net_prio.ifpriomap' : 'net_cls.classid'
  if (layout.mode === 'v2') throw new TypeError(`Cannot set ${file}: v2 has no such controller; packet filters match the group itself`)
  const writes: LimitWrite[] = []
  if (networkClassId !== undefined) {
    checkInteger('net_cls.classid', networkClassId, 0, 2 ** 32 - 1, false)
    versionOf(layout, 'net_cls')
    writes.push({ controller: 'net_cls', file: 'net_cls.classid', value: String(networkClassId) })
  }
  if (networkPriorities === undefined) return writes
  if (typeof networkPriorities !== 'object' || networkPriorities === null) throw new TypeError(`Cannot set net_prio.ifpriomap to ${show(networkPriorities)}: not an object of interfaces and priorities`)
  for (const [name, priority] of Object.entries(networkPriorities)) {
    // dev_valid_name(): 1 to 15 bytes, no slash, no space.
    if (!/^[^\s/:]{1,15}$/.test(name)) throw new RangeError(`Cannot set net_prio.ifpriomap of ${JSON.stringify(name)}: not the name of a network interface`)
    checkInteger(`net_prio.ifpriomap of ${name}`, priority, 0, 2 ** 32 - 1, false)
    versionOf(layout, 'net_prio')
    writes.push({ controller: 'net_prio', file: 'net_prio.ifpriomap', value: `${name} ${priority}` })
  }
  return writes
}
