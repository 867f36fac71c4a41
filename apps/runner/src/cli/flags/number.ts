import { UsageError } from '../errors/usage-error.ts'
import { parseSize } from '../size.ts'
import type { Arguments } from './flag.ts'

/** The value of a flag as a number of bytes. */
export function sizeOf(args: Arguments, name: string): number | undefined {
  const text = args.one(name)
  if (text === undefined) return undefined
  const bytes = parseSize(text)
  if (bytes === undefined) throw new UsageError(`--${name} ${JSON.stringify(text)} is not a size`, { id: 'bad-size', fix: ['a number and b, k, m, g or t: 512k, 64m, 1.5g'] })
  if (bytes === 0) throw new UsageError(`--${name} ${text} is nothing at all`, { id: 'bad-size', fix: [`leave --${name} out for no limit`] })
  return bytes
}

export interface NumberOptions {
  readonly whole?: boolean
  readonly least?: number
  /** What it is, for the message: `seconds`. */
  readonly of?: string
}

/** The value of a flag as a number. */
export function numberOf(args: Arguments, name: string, { whole = true, least = 0, of }: NumberOptions = {}): number | undefined {
  const text = args.one(name)
  if (text === undefined) return undefined
  const pattern = whole ? /^-?\d{1,15}$/ : /^-?(\d{1,15}(\.\d*)?|\.\d+)$/
  const value = Number(text)
  if (pattern.test(text) && value >= least) return value
  throw new UsageError(`--${name} ${JSON.stringify(text)} is not a ${whole ? 'whole ' : ''}number${of === undefined ? '' : ` of ${of}`}${least > -Infinity ? `, ${least} or more` : ''}`, { id: 'bad-number' })
}

/** The value of a flag that is one of a few words. */
export function oneOf<const W extends string>(args: Arguments, name: string, words: readonly W[], more: Readonly<Record<string, string>> = {}): W | undefined {
  const text = args.one(name)
  if (text === undefined || words.includes(text as W)) return text as W | undefined
  const why = Object.hasOwn(more, text) ? more[text]! : undefined
  throw new UsageError(`--${name} ${JSON.stringify(text)} is not ${words.join(' or ')}`, { id: 'bad-value', fix: why === undefined ? [] : [why] })
}
