import type { HexBytes } from '../types.ts'
import { refuse, type Memory, type Param } from './param.ts'

const utf8 = new TextEncoder()

const named = new Map<number, string>([[9, '\\t'], [10, '\\n'], [11, '\\v'], [12, '\\f'], [13, '\\r'], [34, '\\"'], [92, '\\\\']])

/** Bytes as strace quotes them: octal, as short as the next byte allows. */
export function quoted(bytes: Uint8Array): string {
  let out = ''
  for (const [i, byte] of bytes.entries()) {
    const next = bytes[i + 1]
    const digitFollows = next !== undefined && next >= 0x30 && next <= 0x37
    out += named.get(byte) ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '\\' + byte.toString(8).padStart(digitFollows ? 3 : 1, '0'))
  }
  return `"${out}"`
}

const placeText = (memory: Memory, text: string): bigint => memory.text?.(text) ?? memory.place(utf8.encode(text + '\0'))

function checkText(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') refuse(name, 'a string', value)
  // The kernel would silently see only what is before it.
  if (value.includes('\0')) throw new TypeError(`${name} must not contain a NUL byte: ${JSON.stringify(value)}`)
  checkWellFormed(name, value)
}

/** UTF-8 has no form for half of a surrogate pair: the encoder would put another character there. */
function checkWellFormed(name: string, value: string): void {
  if (!value.isWellFormed()) throw new TypeError(`${name} must not contain half of a surrogate pair: ${JSON.stringify(value)}`)
}

/** A NUL-terminated string. */
export function text<N extends string>(name: N): Param<string> {
  return {
    name,
    check: (value) => checkText(name, value),
    print: (value) => quoted(utf8.encode(value)),
    encode: (value, memory) => [placeText(memory, value)],
  }
}

/** A path. The same as text, but an error is about it. */
export function path(name: string): Param<string> {
  return { ...text(name), isPath: true }
}

/** A NUL-terminated string, or NULL. */
export function textOrNull(name: string): Param<string | null> {
  const inner = text(name)
  return {
    name,
    check: (value) => { if (value !== null) checkText(name, value) },
    print: (value, view, args) => (value === null ? 'NULL' : inner.print(value, view, args)),
    encode: (value, memory) => (value === null ? [0n] : inner.encode(value, memory)),
  }
}

/** Text and its length without a NUL: `sethostname("box", 3)`. */
export function sizedText(name: string): Param<string> {
  return {
    name,
    check: (value) => checkText(name, value),
    print: (value) => { const bytes = utf8.encode(value); return `${quoted(bytes)}, ${bytes.length}` },
    encode: (value, memory) => [placeText(memory, value), BigInt(utf8.encode(value).length)],
  }
}

export type Payload = string | HexBytes

export function payloadBytes(value: Payload): Uint8Array {
  return typeof value === 'string' ? utf8.encode(value) : Uint8Array.from(value.hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function checkPayload(name: string, value: unknown): asserts value is Payload {
  if (typeof value === 'string') return checkWellFormed(name, value)
  const hex = typeof value === 'object' && value !== null && 'hex' in value ? value.hex : undefined
  if (typeof hex !== 'string' || !/^([\da-f]{2})*$/.test(hex)) refuse(name, 'a string or { hex } in lower case', value)
}

/** Any bytes and their number: `write(3, "0", 1)`. */
export function payload(name: string): Param<Payload> {
  return {
    name,
    check: (value) => checkPayload(name, value),
    print: (value) => { const bytes = payloadBytes(value); return `${quoted(bytes)}, ${bytes.length}` },
    encode: (value, memory) => { const bytes = payloadBytes(value); return [memory.place(bytes), BigInt(bytes.length)] },
  }
}

/** An array of strings that ends in NULL: argv, envp. */
export function strings(name: string): Param<readonly string[]> {
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value)) refuse(name, 'an array of strings', value)
      for (const [i, item] of value.entries()) checkText(`${name}[${i}]`, item)
    },
    print: (value) => `[${value.map((item) => quoted(utf8.encode(item))).join(', ')}]`,
    encode: (value, memory) => [memory.place(pointers(value.map((item) => placeText(memory, item))))],
  }
}

function pointers(addresses: readonly bigint[]): Uint8Array {
  const out = new BigUint64Array(addresses.length + 1)
  out.set(addresses)
  return new Uint8Array(out.buffer)
}

