import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process as the leak check sees it. */
export interface Seen {
  readonly pid: number
  readonly ppid: number
  readonly comm: string
  /** One letter of proc_pid_stat(5); Z for a zombie. */
  readonly state: string
}

const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const

/** What is read may be gone by then. */
export function attempt<T>(get: () => T): T | undefined {
  try {
    return get()
  } catch {
    return undefined
  }
}

/** Every process there is. */
export function processes(): Seen[] {
  return readdirSync('/proc').flatMap((entry) => {
    const stat = /^\d+$/.test(entry) ? attempt(() => readFileSync(`/proc/${entry}/stat`, 'latin1')) : undefined
    if (stat === undefined) return []
    const end = stat.lastIndexOf(')')
    const [state = '?', ppid] = stat.slice(end + 2).split(' ')
    return [{ pid: Number(entry), ppid: Number(ppid), comm: stat.slice(stat.indexOf('(') + 1, end), state }]
  })
}

/** Our children and theirs, zombies too. */
export function descendants(of = process.pid): Seen[] {
  const all = processes()
  const found = new Set([of])
  // A child may have a lower PID than its parent: PIDs go round.
  for (let size = 0; size !== found.size; ) {
    size = found.size
    for (const { pid, ppid } of all) if (found.has(ppid)) found.add(pid)
  }
  return all.filter(({ pid }) => pid !== of && found.has(pid))
}

/** The namespaces that a process is in, as inode numbers; a zombie is in none. */
export function namespacesOf(pid: number): string[] {
  return kinds.flatMap((kind) => attempt(() => readlinkSync(`/proc/${pid}/ns/${kind}`)) ?? [])
}
