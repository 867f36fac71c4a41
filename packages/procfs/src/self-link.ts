import type { Directory } from './directory.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { link, type Reading } from './reading.ts'

/** What the link self or thread-self names. */
export function* selfLink(directory: Directory, name: 'self' | 'thread-self'): Reading<readonly [pid: number, tid: number]> {
  const target = yield* link(directory, name)
  const match = /^([1-9]\d*)(?:\/task\/([1-9]\d*))?$/.exec(target ?? '')
  if (match === null) throw new ProcParseError({ file: `${directory.path}/${name}`, line: 1, text: target ?? '' }, 'a link to a PID')
  return [Number(match[1]), Number(match[2] ?? match[1])]
}
