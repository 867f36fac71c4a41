import { bootId } from './boot-id.ts'
import type { Directory } from './directory.ts'
import type { Identity } from './identity.ts'
import { file, type Reading } from './reading.ts'
import { parseStat, type Stat } from './stat.ts'

export const stat = file('stat', parseStat)

/** What tells the process from a later one with the same PID. */
export function* identity(directory: Directory): Reading<Identity> {
  return yield* identityIn(directory, yield* stat(directory))
}

/** The same, of a process whose stat was read. */
export function* identityIn(directory: Directory, { pid, starttimeTicks }: Stat): Reading<Identity> {
  const boot = yield* bootId(directory.root)
  return boot === undefined ? { pid, starttimeTicks } : { pid, starttimeTicks, bootId: boot }
}
