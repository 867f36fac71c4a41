import { checkArguments } from './layout.ts'
import { errnoTable } from './errno-table.ts'
import type { Program, Syscall } from './types.ts'

/** A program as JSON text, one call a line, so that two of them can be compared with diff(1). */
export function stringify(program: Program): string {
  return `[\n${program.map((call) => '  ' + JSON.stringify(call)).join(',\n')}\n]\n`
}

const known = new Set(['name', 'args', 'why', 'as', 'allow', 'retry', 'returns'])

/**
 * The program that JSON text holds, every argument checked.
 *
 * @throws SyntaxError the text is not JSON
 * @throws TypeError, RangeError a call in it is not one we can make
 */
export function parse(text: string): Program {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) throw new TypeError('A program is an array of calls')
  return value.map((call, i) => parseCall(call, i))
}

function parseCall(value: unknown, index: number): Syscall {
  const call = value as Syscall
  if (typeof value !== 'object' || value === null || typeof call.name !== 'string' || !Array.isArray(call.args) || typeof call.why !== 'string') throw new TypeError(`Call ${index + 1} needs a name, args and why`)
  for (const key of Object.keys(value)) if (!known.has(key)) throw new TypeError(`Call ${index + 1} has an unknown member ${JSON.stringify(key)}`)
  for (const key of ['allow', 'retry'] as const) {
    const names = call[key] ?? []
    if (!Array.isArray(names)) throw new TypeError(`Call ${index + 1}: ${key} must be an array of errnos`)
    for (const name of names) if (!Object.hasOwn(errnoTable, name)) throw new TypeError(`Call ${index + 1} names ${JSON.stringify(name)}, which is no errno`)
  }
  if (call.as !== undefined && typeof call.as !== 'string') throw new TypeError(`Call ${index + 1}: as must be a name`)
  if (call.returns !== undefined && !Number.isInteger(call.returns)) throw new TypeError(`Call ${index + 1}: returns must be an integer`)
  checkArguments(call)
  return call
}
