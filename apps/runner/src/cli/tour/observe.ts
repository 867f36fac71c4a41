import { readFileSync, readlinkSync, statSync } from 'node:fs'

export const namespaceKinds = ['pid', 'mnt', 'net', 'uts', 'ipc', 'cgroup', 'user', 'time'] as const

/** The namespaces of a process, as the kernel names them: `pid:[4026531836]`. */
export function namespacesOf(pid: number | 'self'): Map<string, string> {
  return new Map(namespaceKinds.flatMap((kind) => {
    try {
      return [[kind, readlinkSync(`/proc/${pid}/ns/${kind}`)] as const]
    } catch {
      return []
    }
  }))
}

/** Kinds of namespace that a process does not share with us. */
export function ownNamespaces(pid: number): string[] {
  const ours = namespacesOf('self')
  return [...namespacesOf(pid)].filter(([kind, name]) => ours.get(kind) !== name).map(([kind]) => kind)
}

export const mountsOf = (pid: number | 'self'): string[] => readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n')

/** How many capabilities are in a set of a process. */
export function capabilitiesOf(pid: number | 'self', set: 'CapEff' | 'CapBnd'): number {
  const mask = BigInt(`0x${field(pid, set)}`)
  return mask.toString(2).replaceAll('0', '').length
}

/** The PIDs that a process has, from the host's namespace to its own. */
export const pidsOf = (pid: number): string[] => field(pid, 'NSpid').split(/\s+/)

export const interfacesOf = (pid: number): string[] => readFileSync(`/proc/${pid}/net/dev`, 'utf8').trim().split('\n').slice(2).map((line) => line.trim().split(':')[0]!)

export const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

function field(pid: number | 'self', name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
}
