import { existsSync } from 'node:fs'
import { CgroupError, cgroups, frozen, type Group } from '@ctr/cgroup'
import { alive } from '../../store.ts'
import { OciError } from '../oci-error.ts'
import { groupIn } from '../oci-group.ts'
import type { OciState } from './oci-state.ts'
import type { OciStore } from './oci-store.ts'

/** @see OCI runtime-spec runtime.md, State; `paused` is what runtimes add to it */
export type OciStatus = 'creating' | 'created' | 'running' | 'paused' | 'stopped'

/** What is true now, whatever was last written down. */
export function statusOf(store: OciStore, state: OciState): OciStatus {
  if (!state.process) return alive(state.creator) ? 'creating' : 'stopped'
  if (!alive(state.process)) return 'stopped'
  if (isPaused(groupOfState(state))) return 'paused'
  return existsSync(store.path(state.id, 'start')) ? 'created' : 'running'
}

/** Its group in all hierarchies: which of them it uses is not worth knowing. */
export const groupOfState = ({ cgroup, groups = 'all' }: Pick<OciState, 'cgroup' | 'groups'>): Group => groupIn(cgroups(), cgroup, groups)

/** @param what it is wanted for @throws OciError it has none */
export function neededGroup(state: OciState, what: string): Group {
  const found = groupOfState(state)
  if (found.places.length === 0) throw new OciError(`cannot ${what}: container ${state.id} has no group, for its user was lent none (cgroup v2, "Delegation")`)
  return found
}

function isPaused(of: Group): boolean {
  try {
    return frozen(of)
  } catch (error) {
    // A group that is gone by now is that of a container that has just ended.
    if (error instanceof CgroupError && ['ENOENT', 'ENODEV'].includes(error.code)) return false
    throw error
  }
}

/** The state as engines and hooks read it. */
export interface ReportedState {
  readonly ociVersion: string
  readonly id: string
  readonly status: OciStatus
  readonly pid?: number
  readonly bundle: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** @see OCI runtime-spec runtime.md, State */
export function reportedState({ ociVersion, id, bundle, annotations, process }: OciState, status: OciStatus): ReportedState {
  return {
    ociVersion, id, status, ...(status === 'stopped' ? { pid: 0 } : process ? { pid: process.pid } : {}), bundle,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}
