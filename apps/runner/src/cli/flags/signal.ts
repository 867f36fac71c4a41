import { constants } from 'node:os'
import { UsageError } from '../errors/usage-error.ts'
import { nearest } from '../suggest.ts'

/** The name of a signal that is written `TERM`, `SIGTERM`, `sigterm` or `15`. */
export function parseSignal(text: string, spelled: string): NodeJS.Signals {
  const names = Object.keys(constants.signals) as NodeJS.Signals[]
  if (/^\d+$/.test(text)) {
    const found = names.find((name) => constants.signals[name] === Number(text))
    if (found) return found
  }
  const upper = text.toUpperCase()
  const name = (upper.startsWith('SIG') ? upper : `SIG${upper}`) as NodeJS.Signals
  if (names.includes(name)) return name
  const meant = nearest(name, names)
  throw new UsageError(`${spelled} ${JSON.stringify(text)} is not a signal`, { id: 'bad-signal', fix: [meant === undefined ? 'a name or number as in kill -l' : `did you mean ${meant}?`] })
}
