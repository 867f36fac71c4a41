import { type Place, ProcParseError } from './proc-parse-error.ts'

// A 64-bit value has at most 20 digits; longer text is refused, because BigInt() of a long text takes quadratic time.
const DECIMAL = /^-?\d{1,20}$/
const HEXADECIMAL = /^[0-9a-fA-F]{1,4096}$/
const OCTAL = /^[0-7]{1,20}$/

/**
 * A decimal quantity. Above 2^53 it is the nearest double (an error of one part in 9·10^15): that is right for
 * quantities (ticks, bytes, counts) and wrong for identities (addresses, masks, limits), which are bigint here.
 */
export function integer(text: string | undefined, place: Place): number {
  if (text === undefined || !DECIMAL.test(text)) throw new ProcParseError(place, `a decimal integer, not ${JSON.stringify(text ?? '')}`)
  return Number(text)
}

/** A decimal value whose every bit counts. */
export function exactInteger(text: string | undefined, place: Place): bigint {
  if (text === undefined || !DECIMAL.test(text)) throw new ProcParseError(place, `a decimal integer, not ${JSON.stringify(text ?? '')}`)
  return BigInt(text)
}

/** A hexadecimal value without 0x: an address or a mask. */
export function hexadecimal(text: string | undefined, place: Place): bigint {
  if (text === undefined || !HEXADECIMAL.test(text)) throw new ProcParseError(place, `a hexadecimal number, not ${JSON.stringify(text ?? '')}`)
  return BigInt(`0x${text}`)
}

/** An octal value: a mode or open flags. */
export function octal(text: string | undefined, place: Place): number {
  if (text === undefined || !OCTAL.test(text)) throw new ProcParseError(place, `an octal number, not ${JSON.stringify(text ?? '')}`)
  return Number.parseInt(text, 8)
}

/** Decimal quantities separated by blanks. */
export function integers(text: string, place: Place): number[] {
  const trimmed = text.trim()
  return trimmed === '' ? [] : trimmed.split(/\s+/).map((field) => integer(field, place))
}

/** A hexadecimal quantity, with or without 0x; above 2^53 the nearest double. */
export function hexadecimalQuantity(text: string | undefined, place: Place): number {
  if (text === undefined || !/^(?:0x)?[0-9a-fA-F]{1,16}$/.test(text)) throw new ProcParseError(place, `a hexadecimal number, not ${JSON.stringify(text ?? '')}`)
  return Number.parseInt(text, 16)
}
