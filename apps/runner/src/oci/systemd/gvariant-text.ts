import { typesOf } from './dbus-value.ts'

/** What stands in a text of GVariant, before it is known of which type it is. */
export type Expression =
  | { readonly kind: 'number' | 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'bytes'; readonly bytes: readonly number[] }
  | { readonly kind: 'variant'; readonly value: Expression }
  | { readonly kind: 'typed'; readonly type: string; readonly value: Expression }
  | { readonly kind: 'array' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly (readonly [key: Expression, value: Expression])[] }

const keywords: Readonly<Record<string, string>> = { boolean: 'b', byte: 'y', int16: 'n', uint16: 'q', int32: 'i', uint32: 'u', int64: 'x', uint64: 't', double: 'd', string: 's', objectpath: 'o', signature: 'g' }
const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
/** Deeper than this no value of D-Bus is. */
const deepest = 32

/** @throws SyntaxError it is none, or there is more behind it */
export function readExpression(text: string): Expression {
  const reader = new Reader(text)
  const expression = reader.expression(0)
  reader.end()
  return expression
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  expression(depth: number): Expression {
    if (depth > deepest) throw this.#wrong('is deeper than any value of D-Bus')
    const quoted = this.#token(/b?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/suy)
    if (quoted !== undefined) return quoted.startsWith('b') ? { kind: 'bytes', bytes: bytesOf(quoted.slice(2, -1)) } : { kind: 'text', text: textOf(quoted.slice(1, -1)) }
    const type = this.#token(/@\S+/uy)
    if (type !== undefined) return { kind: 'typed', type: one(type.slice(1)), value: this.expression(depth + 1) }
    if (this.#token(/\[/uy) !== undefined) return { kind: 'array', items: this.#items(/\]/uy, () => this.expression(depth + 1)) }
    if (this.#token(/\(/uy) !== undefined) return { kind: 'tuple', items: this.#items(/\)/uy, () => this.expression(depth + 1)) }
    if (this.#token(/</uy) !== undefined) return { kind: 'variant', value: this.#before(/>/uy, this.expression(depth + 1)) }
    if (this.#token(/\{/uy) !== undefined) return { kind: 'dictionary', entries: this.#items(/\}/uy, () => [this.#before(/[:,]/uy, this.expression(depth + 1)), this.expression(depth + 1)] as const) }
    const word = this.#token(/[\w.+-]+/uy)
    if (word === undefined) throw this.#wrong('is no value')
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true' }
    if (Object.hasOwn(keywords, word)) return { kind: 'typed', type: keywords[word]!, value: this.expression(depth + 1) }
    if (/^[+-]?(\d|\.\d|inf|nan)/i.test(word)) return { kind: 'number', text: word }
    throw new SyntaxError(`${JSON.stringify(word)} is no value: text stands in quotes`)
  }

  end(): void {
    if (this.#token(/$/uy) === undefined) throw this.#wrong('stands behind the value')
  }

  #items<T>(closing: RegExp, item: () => T): T[] {
    const items: T[] = []
    while (this.#token(closing) === undefined) {
      items.push(item())
      // One may stand behind the last too, as in the tuple of one: ('a',).
      if (this.#token(/,/uy) === undefined) return this.#before(closing, items)
    }
    return items
  }

  #before<T>(next: RegExp, value: T): T {
    if (this.#token(next) === undefined) throw this.#wrong(`stands where ${next.source.replaceAll('\\', '')} belongs`)
    return value
  }

  #token(pattern: RegExp): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #wrong(what: string): SyntaxError {
    const rest = this.#text.slice(this.#at)
    return new SyntaxError(`${rest === '' ? 'the end' : JSON.stringify(rest)} ${what}`)
  }
}

function one(signature: string): string {
  const [type, more] = typesOf(signature)
  if (type === undefined || more !== undefined) throw new SyntaxError(`@${signature} is not one type`)
  return type
}

const textOf = (quoted: string): string => quoted.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\n|(.))/gsu, (_, short?: string, long?: string, letter?: string) =>
  (letter !== undefined ? (escapes[letter] ?? letter) : short !== undefined || long !== undefined ? String.fromCodePoint(parseInt((short ?? long)!, 16)) : ''))

/** As C has strings: with a NUL byte behind. */
function bytesOf(quoted: string): number[] {
  const bytes = Buffer.from(quoted).toString('latin1').replace(/\\(?:([0-7]{1,3})|(.))/gs, (_, octal?: string, letter?: string) => (octal === undefined ? (escapes[letter!] ?? letter!) : String.fromCharCode(parseInt(octal, 8) & 255)))
  return [...Buffer.from(bytes, 'latin1'), 0]
}
