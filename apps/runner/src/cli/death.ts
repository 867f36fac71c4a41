import { constants } from 'node:os'
import type { Outcome } from '../state.ts'
import { formatSize } from './size.ts'

/** Why a container died, as far as it is known; nothing where it ended by itself. */
export function deathOf({ exitCode, signal, reason }: Outcome): string | undefined {
  if (reason?.kind === 'oom') return `killed by SIGKILL: out of memory (peak ${formatSize(reason.peakBytes)} of ${formatSize(reason.limitBytes)})`
  if (reason) return signal === null ? undefined : `killed by ${signal}: ctrun ${reason.kind} from PID ${reason.byPid}`
  if (signal !== null) return `killed by ${signal}: sender unknown`
  // A shell that is PID 1 reports the death of its last command so.
  const name = exitCode > 128 ? Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0] : undefined
  return name === 'SIGKILL' ? 'exit status 137: its last command was killed by SIGKILL' : undefined
}
