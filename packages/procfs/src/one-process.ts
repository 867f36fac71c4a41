import { Directory } from './directory.ts'
import { identity, identityIn, stat } from './identity-reading.ts'
import { type Identity, sameIdentity } from './identity.ts'
import { selfLink } from './self-link.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import type { Reading } from './reading.ts'
import { readSync } from './read-sync.ts'
import type { Stat } from './stat.ts'

// Nothing in these files depends on how bytes become values, but for a command name in a stat, which keeps its bytes.
const root = Directory.ofRoot({ encoding: 'latin1', endianness: 'LE' }, '/proc')
/** For what is not text: Node reads files as UTF-8 in one go, and nothing that is no UTF-8 hides the end of a name. */
const numbers = Directory.ofRoot({ encoding: 'utf8', endianness: 'LE' }, '/proc')

const directoryOf = (pid: number | 'self', from: Directory): Directory => from.process(pid === 'self' ? readSync(selfLink(from, 'self'))[0] : pid)

/**
 * The stat of a process, as `procfs().pid(pid).stat()` reads it, without the readers of everything else: a bundle that takes no more
 * from here is a tenth as long, and starts as much sooner.
 *
 * @throws ProcessVanishedError there is none with that PID
 */
export const statOf = (pid: number | 'self'): Stat => readSync(stat(directoryOf(pid, root)))

/** What tells a process from a later one with the same PID, as `procfs().pid(pid).identity()` reads it. @throws ProcessVanishedError */
export const identityOf = (pid: number | 'self'): Identity => readSync(identity(directoryOf(pid, numbers)))

/**
 * Whether the very process is there and has not ended: a zombie has.
 *
 * @example
 * isAlive(identityOf('self')) // true
 */
export const isAlive = (process: Identity): boolean => readSync(alive(directoryOf(process.pid, numbers), process))

function* alive(directory: Directory, process: Identity): Reading<boolean> {
  try {
    const now = yield* stat(directory)
    return now.state !== 'Z' && sameIdentity(yield* identityIn(directory, now), process)
  } catch (error) {
    if (error instanceof ProcessVanishedError) return false
    throw error
  }
}
