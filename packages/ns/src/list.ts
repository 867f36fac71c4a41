import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { parseLink } from './handle.ts'
import { kinds, type Kind } from './kind.ts'
import { parsePins } from './mountinfo.ts'
import type { ProcOptions } from './read.ts'

/** A namespace, and what keeps it alive. */
export interface Listed {
  readonly kind: Kind
  readonly inode: number
  /** PIDs of the processes in it, ascending: of those whose main thread is. */
  readonly members: readonly number[]
  /** Threads in it whose process's main thread is not. */
  readonly threads: readonly { readonly pid: number; readonly tid: number }[]
  /** PIDs of processes that are not in it, but whose next child will be: kinds `pid` and `time`. */
  readonly forChildren: readonly number[]
  /** Descriptors that refer to it. */
  readonly descriptors: readonly { readonly pid: number; readonly fd: number }[]
  /** Files it is pinned on, each path once, as the process of that PID sees them: the caller where it sees it. */
  readonly pins: readonly { readonly path: string; readonly pid: number | 'self' }[]
}

export interface ListOptions extends ProcOptions {
  /** Looks at threads, at descriptors, and at the mounts of every mount namespace, too (true, if left out): namespaces without a process are found. */
  readonly deep?: boolean
}

type Found = { -readonly [K in keyof Listed]: Listed[K] extends readonly (infer E)[] ? E[] : Listed[K] }
type At = (link: string) => Found | undefined

/**
 * All namespaces on the system that the caller can see, by kind and inode.
 *
 * Processes come and go meanwhile, and those of others are skipped without the right to look at them. Not seen is what only the kernel
 * holds: a network namespace whose last process left a socket in flight, and namespaces between others (see `relations`).
 *
 * @throws ENOENT (Node's system error) there is no procfs at `root`
 * @see lsns(8)
 */
export function list({ root = '/proc', deep = true }: ListOptions = {}): Listed[] {
  const found = new Map<string, Found>()
  const at: At = (link) => {
    const id = parseLink(link)
    if (!id) return undefined
    let entry = found.get(link)
    if (!entry) found.set(link, (entry = { ...id, members: [], threads: [], forChildren: [], descriptors: [], pins: [] }))
    return entry
  }
  const pids = numbers(root)
  for (const pid of pids) {
    const own = links(`${root}/${pid}/ns`, kinds)
    for (const link of own) at(link)?.members.push(pid)
    if (!deep) continue
    for (const link of links(`${root}/${pid}/ns`, ['pid_for_children', 'time_for_children'])) if (!own.includes(link)) at(link)?.forChildren.push(pid)
    for (const tid of optional(() => numbers(`${root}/${pid}/task`)) ?? [])
      if (tid !== pid) for (const link of links(`${root}/${pid}/task/${tid}/ns`, kinds)) if (!own.includes(link)) at(link)?.threads.push({ pid, tid })
    for (const fd of optional(() => numbers(`${root}/${pid}/fd`)) ?? []) {
      const link = optional(() => readlinkSync(`${root}/${pid}/fd/${fd}`))
      if (link !== undefined) at(link)?.descriptors.push({ pid, fd })
    }
  }
  addPins(root, 'self', at)
  if (deep) for (const { kind, members } of [...found.values()]) if (kind === 'mnt' && members[0] !== undefined) addPins(root, members[0], at)
  return [...found.values()].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.inode - b.inode)
}

function addPins(root: string, pid: number | 'self', at: At): void {
  // A captured /proc has no self; a process may have ended.
  for (const { kind, inode, path } of parsePins(optional(() => readFileSync(`${root}/${pid}/mountinfo`, 'utf8')) ?? '')) {
    const pins = at(`${kind}:[${inode}]`)!.pins
    if (!pins.some((pin) => pin.path === path)) pins.push({ path, pid })
  }
}

const numbers = (folder: string): number[] => readdirSync(folder).filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b)

/** The targets of the links that there are: fewer where the process has ended, is a zombie, or is not ours to look at. */
const links = (folder: string, names: readonly string[]): string[] => names.flatMap((name) => optional(() => readlinkSync(`${folder}/${name}`)) ?? [])

/** What may be missing while processes come and go. */
function optional<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
