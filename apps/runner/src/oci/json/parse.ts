/** What a JSON text says: objects without a prototype, and integers exactly, as bigint where a number would not be. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json }

/** A text that is not JSON, or that two readers could understand in different ways. */
export class JsonError extends SyntaxError {
  readonly code = 'EJSON'
  constructor(file: string, text: string, at: number, problem: string) {
    const before = text.slice(0, at).split('\n')
    super(`${file}:${before.length}:${before.at(-1)!.length + 1}: ${problem}`)
    this.name = 'JsonError'
  }
}

/** Deeper than any configuration; a reader that walks it by recursion stays far from the end of its stack. */
const deepest = 64

/**
 * Reads JSON as RFC 8259 has it, and refuses what that leaves to the reader: a key that comes twice (the readers of two programs would
 * see different values), half of a surrogate pair, a number with no finite value, and nesting beyond 64. `__proto__` is refused too: it
 * is a key here, and something else in the next program written in JavaScript.
 *
 * @param file what errors call the text
 * @throws JsonError with line and column
 * @see RFC 8259, 4 (names should be unique), 6, 8.2, 9
 */
export function parseJson(text: string, file: string): Json {
  const reader = new Reader(text, file)
  const value = reader.value(0)
  reader.end()
  return value
}

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
/** What ends or interrupts a string. */
const special = /["\\\u0000-\u001f]/g
const words: readonly (readonly [string, Json])[] = [['true', true], ['false', false], ['null', null]]
const escapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

class Reader {
  readonly #text: string
  readonly #file: string
  #at = 0

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) this.#refuse('something follows the value')
  }

  value(depth: number): Json {
    this.#space()
    if (depth > deepest) this.#refuse(`nested more than ${deepest} deep`)
    const next = this.#text[this.#at]
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#array(depth)
    if (next === '"') return this.#string()
    const word = words.find(([name]) => this.#text.startsWith(name, this.#at))
    if (word === undefined) return this.#number()
    this.#at += word[0].length
    return word[1]
  }

  #object(depth: number): Json {
    const object = Object.create(null) as { [key: string]: Json }
    for (const _ of this.#items('}')) {
      const at = this.#at
      if (this.#text[at] !== '"') this.#refuse('a name in double quotes must come here')
      const key = this.#string()
      if (key === '__proto__') this.#refuse('__proto__ is not taken as a name', at)
      if (key in object) this.#refuse(`the name ${JSON.stringify(key)} comes twice`, at)
      this.#space()
      if (this.#text[this.#at++] !== ':') this.#refuse('a colon must follow the name', this.#at - 1)
      object[key] = this.value(depth + 1)
    }
    return object
  }

  #array(depth: number): Json {
    const array: Json[] = []
    for (const _ of this.#items(']')) array.push(this.value(depth + 1))
    return array
  }

  /** Stops in front of each item of a list in brackets, and behind the list. */
  *#items(close: string): Generator<void> {
    this.#at++
    this.#space()
    if (this.#text[this.#at] === close) {
      this.#at++
      return
    }
    for (;;) {
      this.#space()
      yield
      this.#space()
      const next = this.#text[this.#at++]
      if (next === close) return
      if (next !== ',') this.#refuse(`a comma or ${close} must come here`, this.#at - 1)
    }
  }

  #string(): string {
    const begin = this.#at++
    let value = ''
    for (;;) {
      special.lastIndex = this.#at
      const stop = special.test(this.#text) ? special.lastIndex - 1 : this.#text.length
      value += this.#text.slice(this.#at, stop)
      this.#at = stop
      const next = this.#text[this.#at++]
      if (next === '"') break
      if (next === '\\') value += this.#escape()
      else this.#refuse(next === undefined ? 'the string does not end' : 'a control character must be escaped in a string', this.#at - 1)
    }
    // Encoded as UTF-8, half of a pair would become another character.
    if (!value.isWellFormed()) this.#refuse('the string has half of a surrogate pair', begin)
    return value
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? ''
    if (Object.hasOwn(escapes, letter)) return escapes[letter]!
    const digits = this.#text.slice(this.#at, this.#at + 4)
    if (letter !== 'u' || !/^[\da-fA-F]{4}$/.test(digits)) this.#refuse('there is no such escape', this.#at - 2)
    this.#at += 4
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  #number(): number | bigint {
    const begin = this.#at
    number.lastIndex = begin
    const digits = number.exec(this.#text)?.[0] ?? ''
    this.#at += digits.length
    if (digits === '') this.#refuse(begin === this.#text.length ? 'the text ends here' : 'no value begins like this')
    const value = Number(digits)
    if (/^-?\d+$/.test(digits)) return Number.isSafeInteger(value) ? value + 0 : BigInt(digits)
    if (!Number.isFinite(value)) this.#refuse(`${digits} is more than any number here`, begin)
    return value
  }

  #space(): void {
    // Not by an expression: there is one space at most in front of most of what there is.
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++
  }

  #refuse(problem: string, at = this.#at): never {
    throw new JsonError(this.#file, this.#text, at, problem)
  }
}
