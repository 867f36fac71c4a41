import { signature } from './abi.ts'
import type { Param, Word, Memory, View } from './params/param.ts'
import type { Arg, Syscall } from './types.ts'

type Call = Pick<Syscall, 'name' | 'args'>
type Params = readonly Param<never>[]

/** What a call takes. */
interface Shape {
  readonly params: Params
  /** How many of them are written down: the implicit ones are not. */
  readonly given: number
}

/** What calls of one name take, and, where the next argument selects the rest, what they take then. */
interface Known extends Shape {
  readonly choice: { readonly selector: Param<never>; readonly variants: Readonly<Record<string, Params>> } | undefined
  readonly chosen: Map<unknown, Shape>
}

/** A program has the same few again and again. */
const known = new Map<string, Known>()

function shapeOf(params: Params): Shape {
  return { params, given: params.filter(({ implicit }) => !implicit).length }
}

function know(name: string): Known {
  const { params, choice } = signature(name)
  const made = { ...shapeOf(params()), choice: choice && { selector: choice.selector, variants: choice.variants() }, chosen: new Map() }
  known.set(name, made)
  return made
}

function choose({ name, args }: Call, { params, given, choice, chosen }: Known): Shape {
  const selected = args[given]
  const { selector, variants } = choice!
  const variant = typeof selected === 'string' && Object.hasOwn(variants, selected) ? variants[selected] : undefined
  if (!variant) throw new TypeError(`${name} knows ${Object.keys(variants).join(', ')}, not ${JSON.stringify(selected)}`)
  const made = shapeOf([...params, selector, ...variant])
  chosen.set(selected, made)
  return made
}

/** The parameters of one call: those every call of that name has, then those its selector chooses. */
export function parameters(call: Call): Params {
  const all = known.get(call.name) ?? know(call.name)
  const { params, given } = all.choice === undefined ? all : (all.chosen.get(call.args[all.given]) ?? choose(call, all))
  if (given !== call.args.length) throw new TypeError(`${call.name} takes ${given} arguments, not ${call.args.length}`)
  return params
}

// What follows is done for every call of a program, and mostly once in a process: loops are plain, as iterators and functions made on the way
// take longer there than what they are for.

/** Each parameter with its argument (undefined for the implicit ones). */
export function pairs(call: Call): readonly (readonly [Param<never>, Arg | undefined])[] {
  let next = 0
  return parameters(call).map((param) => [param, param.implicit ? undefined : call.args[next++]])
}

/** Throws a TypeError or RangeError if an argument is not what the kernel can take. */
export function checkArguments(call: Call): void {
  const params = parameters(call)
  try {
    for (let i = 0, next = 0; i < params.length; i++) {
      const param = params[i] as Param
      if (!param.implicit) param.check(call.args[next++])
    }
  } catch (error) {
    if (error instanceof Error) error.message = `${call.name}: ${error.message}`
    throw error
  }
}

/** The call's six words (fewer where it has fewer), with what they point to placed in `memory`. */
export function encode(call: Call, memory: Memory): Word[] {
  const words: Word[] = []
  const params = parameters(call)
  for (let i = 0, next = 0; i < params.length; i++) {
    const param = params[i]!
    const encoded = param.encode((param.implicit ? undefined : call.args[next++]) as never, memory)
    for (let j = 0; j < encoded.length; j++) words.push(encoded[j]!)
  }
  return words
}

/** The arguments in strace's notation. */
export function printArguments(call: Call, view: View): string {
  return pairs(call).flatMap(([param, value]) => param.print(value as never, view, call.args) ?? []).join(', ')
}
