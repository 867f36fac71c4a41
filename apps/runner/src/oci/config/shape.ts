import type { Json } from '../json/parse.ts'

/** A value of a configuration that cannot be what it is: the message begins with its path, `linux.resources.pids.limit`. */
export class ConfigError extends RangeError {
  readonly code = 'ECONFIG'
  readonly path: string
  constructor(path: string, problem: string) {
    super(`${path === '' ? 'the configuration' : path}: ${problem}`)
    this.name = 'ConfigError'
    this.path = path
  }
}

/** Reads one value: returns it as what it is, or throws a ConfigError that begins with the path. */
export type Shape<T> = (value: Json, path: string) => T

/** What a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never

/** The value as it is quoted in an error: at most 80 characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each))
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

export function refuse(path: string, value: unknown, what: string): never {
  throw new ConfigError(path, `${quoted(value)} is not ${what}`)
}

/** A shape with one more condition. */
export function where<T>(shape: Shape<T>, holds: (value: T) => boolean, what: string): Shape<T> {
  return (value, path) => {
    const read = shape(value, path)
    return holds(read) ? read : refuse(path, value, what)
  }
}

export const boolean: Shape<boolean> = (value, path) => (typeof value === 'boolean' ? value : refuse(path, value, 'true or false'))

/** Text that becomes a string of C: a NUL byte would end it there. */
export const text: Shape<string> = (value, path) => {
  if (typeof value !== 'string') refuse(path, value, 'a string')
  if (value.includes('\0')) refuse(path, value, 'a string that the kernel can take: it has a NUL byte')
  return value
}

export const nonEmpty = where(text, (value) => value !== '', 'a string of at least one character')

/** Text that may come to stand in a line of a file or of a message. */
export const line = where(text, (value) => !/[\u0001-\u001f\u007f]/.test(value), 'a string without control characters')

/** PATH_MAX of linux/limits.h, the NUL at the end included. */
const longest = 4095

/** A path that need not be absolute. */
export const anyPath = where(nonEmpty, (value) => Buffer.byteLength(value) <= longest, `a path: it has more than ${longest} bytes`)
export const absolutePath = where(anyPath, (value) => value.startsWith('/'), 'an absolute path')

export function oneOf<const T extends string>(...names: readonly T[]): Shape<T> {
  return (value, path) => ((names as readonly Json[]).includes(value) ? (value as T) : refuse(path, value, `one of ${names.join(', ')}`))
}

/** An integer that a number holds exactly. */
export function integer(least: number, most: number, what = `an integer from ${least} to ${most}`): Shape<number> {
  return (value, path) => (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : refuse(path, value, what))
}

/** An integer of 64 bits: a bigint where a number would not hold it. */
export function wide(least: bigint, most: bigint, what: string): Shape<number | bigint> {
  return (value, path) => {
    const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
    return whole && BigInt(value) >= least && BigInt(value) <= most ? value : refuse(path, value, what)
  }
}

export const uint64 = wide(0n, 2n ** 64n - 1n, 'an integer from 0 to 2^64 - 1')
export const int64 = wide(-(2n ** 63n), 2n ** 63n - 1n, 'an integer of 64 bits')
export const uint32 = integer(0, 2 ** 32 - 1)
/** The kernel takes 2^32 - 1 for "leave it as it is". */
export const id = integer(0, 2 ** 32 - 2, `an ID: an integer from 0 to ${2 ** 32 - 2}`)

/** An empty list may be written as null, as encoders of Go do. */
export function list<T>(item: Shape<T>, most = Infinity): Shape<readonly T[]> {
  return (value, path) => {
    if (value === null) return []
    if (!Array.isArray(value)) refuse(path, value, 'an array')
    const items = value as readonly Json[]
    if (items.length > most) throw new ConfigError(path, `${items.length} entries are more than the ${most} there can be`)
    return items.map((each, i) => item(each, `${path}[${i}]`))
  }
}

/** Any names, each with a value of the same shape. */
export function record<T>(item: Shape<T>): Shape<ReadonlyMap<string, T>> {
  return (value, path) => {
    if (value === null) return new Map()
    return new Map(Object.entries(members(value, path)).map(([key, each]) => [text(key, path), item(each, `${path}[${quoted(key)}]`)]))
  }
}

type Shapes = Readonly<Record<string, Shape<unknown>>>
/** What `object` reads: the required members, and those of the others that are there. */
type Members<R extends Shapes, O extends Shapes> = { readonly [K in keyof R]: Read<R[K]> } & { readonly [K in keyof O]?: Exclude<Read<O[K]>, undefined> }

/**
 * An object. Members that no shape is given for are ignored (OCI runtime-spec config.md, Extensibility); one that may be absent may be null too, but only
 * where `nullable` says so: encoders write lists and objects so, and no numbers.
 */
export function object<const R extends Shapes, const O extends Shapes = Record<never, never>>(required: R, optional: O = {} as O): Shape<Members<R, O>> {
  return (value, path) => {
    const given = members(value, path)
    const read: Record<string, unknown> = {}
    for (const [key, shape] of Object.entries(required)) {
      if (!(key in given)) throw new ConfigError(join(path, key), 'it is missing')
      read[key] = shape(given[key]!, join(path, key))
    }
    for (const [key, shape] of Object.entries(optional)) {
      const member = given[key]
      if (member !== undefined) read[key] = shape(member, join(path, key))
    }
    // The keys are those of the two tables, each read by its shape.
    return read as Members<R, O>
  }
}

/** The shape, or null for nothing. */
export function nullable<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, path) => (value === null ? undefined : shape(value, path))
}

const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`)

function members(value: Json, path: string): Readonly<Record<string, Json>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, value, 'an object')
  return value as Readonly<Record<string, Json>>
}
