import type { FdRef } from '@ctr/syscall'
import { parseMountOptions, type MountOptions } from './mount-options.ts'
import { mountRefusal } from './refusal.ts'
import type { Kind } from './target.ts'

/** One entry of `mounts` in OCI's config.json, as it is there. @see OCI runtime-spec config.md, Mounts */
export interface OciMount {
  readonly destination: string
  readonly source?: string
  readonly type?: string
  readonly options?: readonly string[]
  readonly uidMappings?: readonly object[]
  readonly gidMappings?: readonly object[]
}

/** An entry with what has to be known about it. */
export interface MountEntry extends OciMount {
  /** What the source of a bind mount is. Default a directory. */
  readonly kind?: Kind
  /** Whether the source of a bind mount is on a proc file system: it may be mounted on /proc. */
  readonly onProc?: boolean
  /** The user namespace whose maps are meant by `idmap`, `ridmap` or the entry's own mappings: of these, or the container's. */
  readonly idMap?: FdRef
  /** The mode of the directory that a tmpfs covers, which it has as well where no `mode=` says otherwise. */
  readonly mode?: number
}

/** What is done for an entry: something of the host is bound, something new is mounted, or what is there is changed. */
export type MountKind = 'bind' | 'filesystem' | 'cgroup' | 'tmpcopyup' | 'remount'

export interface ParsedMount extends MountEntry {
  readonly what: MountKind
  readonly parsed: MountOptions
}

/** What may be covered below /proc: what programs read of the machine, as lxcfs has it (runc, checkProcMount). */
const coverable: ReadonlySet<string> = new Set(['cpuinfo', 'diskstats', 'meminfo', 'stat', 'swaps', 'uptime', 'loadavg', 'slabinfo', 'net/dev', 'sys/kernel/ns_last_pid', 'sys/crypto/fips_enabled'].map((path) => `/proc/${path}`))

/**
 * @throws TypeError no type, no source for a bind mount, ids without a user namespace, or a destination in /proc (CVE-2019-16884: what
 *   is written to /proc by a runtime must reach the kernel)
 */
export function parseMount(entry: MountEntry): ParsedMount {
  const parsed = parseMountOptions(entry.options ?? [])
  const what = kindOf(entry, parsed)
  const path = lexical(entry.destination)
  if (what === 'bind' && !entry.source) throw mountRefusal('bind without a source', entry)
  if (what === 'filesystem' && !entry.type) throw mountRefusal('mount without a type', entry)
  if (what !== 'remount' && (path === '/proc' ? entry.type !== 'proc' && entry.onProc !== true : path.startsWith('/proc/') && !coverable.has(path)))
    throw mountRefusal('mount on the files of /proc, which the runtime itself relies on', entry.destination)
  const mapped = parsed.idMap !== undefined || (entry.uidMappings?.length ?? 0) > 0 || (entry.gidMappings?.length ?? 0) > 0
  if (mapped && what !== 'bind') throw mountRefusal('map the ids of what is no bind mount', entry)
  if (mapped && !entry.idMap) throw mountRefusal('map ids without the user namespace that says how', entry)
  return { ...entry, what, parsed: mapped && !parsed.idMap ? { ...parsed, idMap: 'idmap' } : parsed }
}

function kindOf({ type }: MountEntry, { bind, remount, tmpcopyup }: MountOptions): MountKind {
  if (remount) return 'remount'
  if (type === 'bind' || bind) return 'bind'
  if (tmpcopyup && type !== 'tmpfs') throw mountRefusal('fill with tmpcopyup what is no tmpfs', type)
  return type === 'cgroup' ? 'cgroup' : tmpcopyup ? 'tmpcopyup' : 'filesystem'
}

/** Most paths are written so that nothing is to be left out of them. */
const asItIs = /^(\/[^/.][^/]*)+$/

/** A path without `.`, `..` and repeated slashes, as text. */
export function lexical(path: string): string {
  if (asItIs.test(path)) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
