import { typesOf, type DbusValue, type DbusVariant } from './dbus-value.ts'
import { readExpression, type Expression } from './gvariant-text.ts'

/**
 * The value that a text in the format of GVariant says: `uint64 123`, `'text'`, `['a', 'b']`. Without a type, a number is `i`, with a point or an exponent `d`.
 *
 * @throws SyntaxError it is no such text; RangeError a number that its type does not hold
 * @see docs.gtk.org, GVariant Text Format
 */
export function parseVariant(text: string): DbusVariant {
  const expression = readExpression(text)
  const signature = typeOf(expression)
  return { signature, value: valueOf(expression, signature) }
}

function typeOf(each: Expression): string {
  switch (each.kind) {
    case 'number': return /^[+-]?0x/i.test(each.text) || !/[.e]|inf|nan/i.test(each.text) ? 'i' : 'd'
    case 'text': return 's'
    case 'boolean': return 'b'
    case 'bytes': return 'ay'
    case 'variant': return 'v'
    case 'typed': return each.type
    case 'tuple': return `(${each.items.map(typeOf).join('')})`
    case 'array': return `a${commonTypeOf(each.items)}`
    case 'dictionary': return `a{${commonTypeOf(each.entries.map(([key]) => key))}${commonTypeOf(each.entries.map(([, value]) => value))}}`
  }
}

/** What says its type says it for all, and a number with a point makes all of them such numbers. */
function commonTypeOf(items: readonly Expression[]): string {
  if (items.length === 0) throw new SyntaxError('what has no elements needs a type: @as []')
  const typed = items.find(({ kind }) => kind === 'typed')
  const types = items.map(typeOf)
  return typed ? typeOf(typed) : types.includes('d') ? 'd' : types[0]!
}

function valueOf(each: Expression, type: string): DbusValue {
  if (each.kind === 'typed' && each.type === type) return valueOf(each.value, type)
  if (each.kind === 'number') return numberOf(each.text, type)
  if (each.kind === 'text' && (type === 's' || type === 'o' || type === 'g')) return each.text
  if (each.kind === 'boolean' && type === 'b') return each.value
  if (each.kind === 'bytes' && type === 'ay') return each.bytes
  if (each.kind === 'variant' && type === 'v') return { signature: typeOf(each.value), value: valueOf(each.value, typeOf(each.value)) }
  if (each.kind === 'array' && type.startsWith('a') && !type.startsWith('a{')) return each.items.map((item) => valueOf(item, type.slice(1)))
  if (each.kind === 'dictionary' && type.startsWith('a{')) {
    const [key, value] = typesOf(type.slice(2, -1))
    return each.entries.map((entry) => [valueOf(entry[0], key!), valueOf(entry[1], value!)])
  }
  if (each.kind === 'tuple' && type.startsWith('(')) {
    const types = typesOf(type.slice(1, -1))
    if (types.length === each.items.length) return each.items.map((item, i) => valueOf(item, types[i]!))
  }
  throw new SyntaxError(`a value of type ${typeOf(each)} stands where one of type ${type} belongs`)
}

const integers: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  y: [0n, 255n], n: [-(2n ** 15n), 2n ** 15n - 1n], q: [0n, 2n ** 16n - 1n], i: [-(2n ** 31n), 2n ** 31n - 1n], u: [0n, 2n ** 32n - 1n], x: [-(2n ** 63n), 2n ** 63n - 1n], t: [0n, 2n ** 64n - 1n],
}

function numberOf(text: string, type: string): number | bigint {
  if (type === 'd') return doubleOf(text)
  const range = integers[type]
  if (!range) throw new SyntaxError(`the number ${text} stands where a value of type ${type} belongs`)
  const [, sign, digits = ''] = /^([+-]?)(.*)$/.exec(text) ?? []
  // As C has it: 010 is eight.
  const whole = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits
  if (!/^(0x[0-9a-f]+|0o[0-7]+|0|[1-9]\d*)$/i.test(whole)) throw new SyntaxError(`${text} is no whole number`)
  const value = sign === '-' ? -BigInt(whole) : BigInt(whole)
  if (value < range[0] || value > range[1]) throw new RangeError(`${text} is out of the range of type ${type}: ${range[0]} to ${range[1]}`)
  return type === 't' || type === 'x' ? value : Number(value)
}

function doubleOf(text: string): number {
  const [, sign, amount = ''] = /^([+-]?)(.*)$/.exec(text) ?? []
  const value = { inf: Infinity, infinity: Infinity, nan: NaN }[amount.toLowerCase()] ?? Number(amount)
  if (Number.isNaN(value) && amount.toLowerCase() !== 'nan') throw new SyntaxError(`${text} is no number`)
  return sign === '-' ? -value : value
}
