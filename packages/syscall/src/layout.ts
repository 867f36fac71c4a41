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

/** The same, where there is an argument for each that is not implicit. */
function filled(call: Pick<Syscall, 'name' | 'args'>): readonly Param<never>[] {
  const params = parameters(call)
  let wanted = 0
  for (const param of params) if (!param.implicit) wanted++
  if (wanted !== call.args.length) throw new TypeError(`${call.name} takes ${wanted} arguments, not ${call.args.length}`)
  return params
}

/** Each parameter with its argument. */
export function pairs(call: Pick<Syscall, 'name' | 'args'>): readonly (readonly [Param<never>, Arg | undefined])[] {
  let next = 0
  return filled(call).map((param) => [param, param.implicit ? undefined : call.args[next++]])
}

/** Throws a TypeError or RangeError if an argument is not what the kernel can take. */
export function checkArguments(call: Pick<Syscall, 'name' | 'args'>): void {
  const params = filled(call)
  let next = 0
  try {
    for (const param of params) if (!param.implicit) (param as Param).check(call.args[next++])
  } catch (error) {
    if (error instanceof Error) error.message = `${call.name}: ${error.message}`
    throw error
  }
}

/** The call's six words (fewer where it has fewer), with what they point to placed in `memory`. */
export function encode(call: Pick<Syscall, 'name' | 'args'>, memory: Memory): Word[] {
  const words: Word[] = []
  let next = 0
  for (const param of filled(call)) {
    const encoded = param.encode((param.implicit ? undefined : call.args[next++]) as never, memory)
    for (let i = 0; i < encoded.length; i++) words.push(encoded[i]!)
  }
  return words
}

/** The arguments in strace's notation. */
export function printArguments(call: Pick<Syscall, 'name' | 'args'>, view: View): string {
  return pairs(call).flatMap(([param, value]) => param.print(value as never, view, call.args) ?? []).join(', ')
}
