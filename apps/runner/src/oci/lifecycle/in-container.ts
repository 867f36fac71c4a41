import { readlinkSync } from 'node:fs'
import type { LaunchOptions } from '@ctr/launch'
import type { Constant } from '@ctr/syscall'
import { withPidfd } from '../../held-process.ts'
import { namespaceFlag } from '../program/namespaces.ts'
import { OciError } from '../oci-error.ts'
import type { OciState } from '../state/oci-state.ts'

/** The names of /proc/PID/ns, and what OCI calls them. */
const kinds = { user: 'user', mnt: 'mount', pid: 'pid', net: 'network', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup', time: 'time' } as const

/** The namespaces of a process that are not ours. */
export function otherNamespaces(pid: number): Constant<'setns'>[] {
  return Object.entries(kinds).flatMap(([name, type]) => {
    const theirs = namespace(`/proc/${pid}/ns/${name}`)
    return theirs !== undefined && theirs !== namespace(`/proc/self/ns/${name}`) ? [namespaceFlag(type)] : []
  })
}

function namespace(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    // An older kernel has no time namespaces.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Calls back with the namespaces of the container's first process, for launch. @throws OciError it is not running */
export function inContainer<T>({ process, id }: OciState, use: (place: { readonly join: NonNullable<LaunchOptions['join']> }, pid: number) => Promise<T>): Promise<T> {
  if (!process) throw new OciError('container not running')
  return withPidfd(process, id, (pidfd) => use({ join: { pidfd, namespaces: otherNamespaces(process.pid) } }, process.pid))
}
