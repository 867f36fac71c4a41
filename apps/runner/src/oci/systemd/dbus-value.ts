/**
 * A value of D-Bus as JavaScript has it. What its type is, its signature says: `y` byte, `b` boolean, `u` and `i` 32 bits, `t` and `x` 64 bits
 * (bigint), `d` double, `s`, `o` and `g` text, `a…` array, `(…)` structure, `{…}` entry of a dictionary, `v` a variant, which brings its signature.
 *
 * @see D-Bus Specification, Type System
 */
export type DbusValue = number | bigint | boolean | string | DbusVariant | readonly DbusValue[]

export interface DbusVariant {
  readonly signature: string
  readonly value: DbusValue
}

/** Deeper than this no value is, by the specification. */
const deepest = 32

/**
 * The types of which a signature consists, one behind the other: `sa(sv)u` is `s`, `a(sv)` and `u`.
 *
 * @throws SyntaxError it is no signature
 */
export function typesOf(signature: string): string[] {
  const types: string[] = []
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at, 0)
    types.push(signature.slice(at, end))
    at = end
  }
  return types
}

function endOfType(signature: string, at: number, depth: number): number {
  const code = signature[at] ?? ''
  const closing = { '(': ')', '{': '}' }[code]
  if (depth <= deepest && 'ybnqiuxtdsogv'.includes(code) && code !== '') return at + 1
  if (depth <= deepest && code === 'a') return endOfType(signature, at + 1, depth + 1)
  if (depth > deepest || closing === undefined) throw new SyntaxError(`Not a signature of D-Bus: ${JSON.stringify(signature)}`)
  // At least one: an array of what takes no space would never end.
  let next = endOfType(signature, at + 1, depth + 1)
  while (signature[next] !== closing) next = endOfType(signature, next, depth + 1)
  return next + 1
}

/** Where a value of the type may begin: at a multiple of it. */
export const alignmentOf = (type: string): number => ({ y: 1, g: 1, v: 1, n: 2, q: 2, x: 8, t: 8, d: 8, '(': 8, '{': 8 } as Record<string, number>)[type[0]!] ?? 4
