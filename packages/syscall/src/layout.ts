import { signature } from './abi.ts'
import type { Param, Word, Memory, View } from './params/param.ts'
import type { Arg, Syscall } from './types.ts'

/** By name and selector: a program has the same few again and again. */
const chosen = new Map<string, readonly Param<never>[]>()

/** The parameters of one call: those every call of that name has, then those its selector chooses. */
export function parameters(call: Pick<Syscall, 'name' | 'args'>): readonly Param<never>[] {
  const { params, choice } = signature(call.name)
  if (!choice) return params
  // No call with a selector has implicit parameters before it.
  const selected = call.args[params.length]
  const key = `${call.name} ${String(selected)}`
  const known = chosen.get(key)
  if (known) return known
  const variant = typeof selected === 'string' && Object.hasOwn(choice.variants, selected) ? choice.variants[selected] : undefined
  if (!variant) throw new TypeError(`${call.name} knows ${Object.keys(choice.variants).join(', ')}, not ${JSON.stringify(selected)}`)
  const all = [...params, choice.selector, ...variant]
  chosen.set(key, all)
  return all
}

/** Goes through the parameters with the argument that is for each (undefined for the implicit ones). */
function eachPair(call: Pick<Syscall, 'name' | 'args'>, visit: (param: Param<never>, value: Arg | undefined) => void): void {
  const params = parameters(call)
  let next = 0
  for (const param of params) if (!param.implicit) next++
  if (next !== call.args.length) throw new TypeError(`${call.name} takes ${next} arguments, not ${call.args.length}`)
  next = 0
  for (const param of params) visit(param, param.implicit ? undefined : call.args[next++])
}

/** Each parameter with its argument. */
export function pairs(call: Pick<Syscall, 'name' | 'args'>): readonly (readonly [Param<never>, Arg | undefined])[] {
  const list: (readonly [Param<never>, Arg | undefined])[] = []
  eachPair(call, (param, value) => list.push([param, value]))
  return list
}

/** Throws a TypeError or RangeError if an argument is not what the kernel can take. */
export function checkArguments(call: Pick<Syscall, 'name' | 'args'>): void {
  eachPair(call, (param, value) => {
    if (param.implicit) return
    try {
      ;(param as Param).check(value)
    } catch (error) {
      if (error instanceof Error) error.message = `${call.name}: ${error.message}`
      throw error
    }
  })
}

/** The call's six words (fewer where it has fewer), with what they point to placed in `memory`. */
export function encode(call: Pick<Syscall, 'name' | 'args'>, memory: Memory): Word[] {
  const words: Word[] = []
  eachPair(call, (param, value) => {
    const encoded = param.encode(value as never, memory)
    for (let i = 0; i < encoded.length; i++) words.push(encoded[i]!)
  })
  return words
}

/** The arguments in strace's notation. */
export function printArguments(call: Pick<Syscall, 'name' | 'args'>, view: View): string {
  const parts: string[] = []
  eachPair(call, (param, value) => {
    const part = param.print(value as never, view, call.args)
    if (part !== undefined) parts.push(part)
  })
  return parts.join(', ')
}
