import { statSync } from 'node:fs'
import { procs } from '@ctr/cgroup'
import { procfs } from '@ctr/procfs'
import { alive } from '../../store.ts'
import type { OciState } from './oci-state.ts'
import { groupOfState } from './status.ts'

/** The processes of a container: those in its group or, where it has none, in the PID namespace that it has of its own. */
export function membersOf(state: OciState): number[] {
  const group = groupOfState(state)
  if (group.places.length > 0) return procs(group, { recursive: true })
  if (!state.process || !alive(state.process)) return []
  const { pid } = state.process
  try {
    return state.ownPids ? procfs().inNamespace('pid', statSync(`/proc/${pid}/ns/pid`).ino) : [pid]
  } catch (error) {
    // It has ended meanwhile, and all others in its namespace with it.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
