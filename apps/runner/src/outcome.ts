import { oomKills, stat, type Group } from '@ctr/cgroup'
import type { Exit } from '@ctr/launch'
import { constant, type Constant } from '@ctr/syscall'
import type { Outcome } from './state.ts'
import { readSignalNote } from './signal-note.ts'

/**
 * How a container ended, and why as far as it is known: out of memory only if its cgroup counted a kill, a signal's sender only if it
 * left a note. Has to be asked before the cgroup and the state are removed.
 */
export function outcomeOf(exit: Exit, group: Group, name: string): Outcome {
  const outcome: Outcome = { exitCode: exit.status, signal: exit.signal }
  // A shell or an init that is PID 1 reports its child's death as 128 + n.
  if (exit.status <= 128) return outcome
  const note = readSignalNote(name)
  if (note !== undefined && explains(note, exit.status)) return { ...outcome, reason: note }
  if (exit.status === 137 && (oomKills(group) ?? 0) > 0) {
    const memory = stat(group, ['memory']).memory
    const limitBytes = memory?.limitBytes
    return { ...outcome, reason: { kind: 'oom', peakBytes: memory?.peakBytes ?? 0, limitBytes: typeof limitBytes === 'number' ? limitBytes : 0 } }
  }
  return outcome
}

/** The note is of the last signal that was sent, perhaps long ago and without consequences. */
function explains({ kind, signal }: NonNullable<ReturnType<typeof readSignalNote>>, status: number): boolean {
  return status === 128 + constant(signal as Constant<'signal'>) || (kind === 'stop' && status === 137)
}
