import { sorted, type Capability } from './capability.ts'
import type { FileCapabilities } from './file-capabilities.ts'
import type { Securebit } from './set-credentials.ts'
import type { CapabilitySets } from './sets.ts'

/** A thread about to execute something. */
export interface Executing {
  readonly sets: CapabilitySets
  /** Its real and effective user ID in its user namespace; one number stands for both. */
  readonly uid: number | { readonly real: number; readonly effective: number }
  readonly securebits?: readonly Securebit[]
  /** execve gives nothing that was not permitted before. */
  readonly noNewPrivs?: boolean
  /** The capabilities of the file, where it has any that count: the ones of another user namespace's root do not. */
  readonly file?: Pick<FileCapabilities, 'permitted' | 'inheritable' | 'effective'>
}

/**
 * The five sets after execve: what capabilities(7) says under "Transformation of capabilities during execve()" and the three sections that follow it.
 *
 * A file whose capabilities are effective, and that would not get all of its permitted ones, is not executed: `EPERM`.
 *
 * The file's set-user-ID bit is not looked at: it changes the effective user before all this, so say what that is then.
 *
 * @example
 * afterExec({ sets: { ...noSets, bounding: ['CAP_KILL'] }, uid: 0 }) // permitted and effective: CAP_KILL
 */
export function afterExec({ sets, uid, securebits = [], noNewPrivs = false, file }: Executing): CapabilitySets | 'EPERM' {
  const { real, effective: user } = typeof uid === 'number' ? { real: uid, effective: uid } : uid
  const isRoot = (real === 0 || user === 0) && !securebits.includes('SECBIT_NOROOT')
  // A set-user-ID program with file capabilities has only those ("Set-user-ID-root programs that have file capabilities").
  const asFile = file !== undefined && real !== 0 && user === 0
  const whole = isRoot && !asFile
  const both = (a: readonly Capability[], b: readonly Capability[]) => a.filter((name) => b.includes(name))

  const ambient = file === undefined ? sets.ambient : []
  const fromFile = file === undefined ? [] : [...both(sets.inheritable, file.inheritable), ...both(file.permitted, sets.bounding)]
  // "Safety checking for capability-dumb binaries"
  if (file?.effective && file.permitted.some((name) => !fromFile.includes(name))) return 'EPERM'
  const given = whole ? [...sets.inheritable, ...sets.bounding] : fromFile
  const gained = noNewPrivs ? both(given, sets.permitted) : given
  const permitted = sorted([...gained, ...ambient])
  const effective = (whole && user === 0) || file?.effective ? permitted : sorted(ambient)
  return { bounding: sorted(sets.bounding), permitted, effective, inheritable: sorted(sets.inheritable), ambient: sorted(ambient) }
}
