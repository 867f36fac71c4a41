import { constants } from 'node:os'
import { constant, families, type Constant } from '@ctr/syscall'

const byNumber = new Map(families.signal.map((name) => [constant(name), name]))

/**
 * The name of a signal that is given by name or number; 0 for 0, which only asks whether the process is there.
 *
 * @throws {TypeError} ERR_UNKNOWN_SIGNAL: there is none
 */
export function signalName(signal: string | number): Constant<'signal'> | 0 {
  if (signal === 0) return 0
  // With the other names that some have: SIGIOT is SIGABRT.
  const name = byNumber.get(typeof signal === 'number' ? signal : (constants.signals[signal.toUpperCase() as NodeJS.Signals] ?? -1))
  if (name === undefined) throw Object.assign(new TypeError(`Unknown signal: ${signal}`), { code: 'ERR_UNKNOWN_SIGNAL' })
  return name
}
