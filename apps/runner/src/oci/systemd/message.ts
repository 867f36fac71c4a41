import type { DbusValue, DbusVariant } from './dbus-value.ts'
import { marshal } from './marshal.ts'
import { unmarshal } from './unmarshal.ts'

/** @see D-Bus Specification, Message Types */
const kinds = ['invalid', 'call', 'return', 'error', 'signal'] as const
/** Header fields by their number, with their types. @see D-Bus Specification, Header Fields */
const fields = [['path', 1, 'o'], ['interface', 2, 's'], ['member', 3, 's'], ['error', 4, 's'], ['replyTo', 5, 'u'], ['destination', 6, 's'], ['sender', 7, 's'], ['signature', 8, 'g']] as const

export interface DbusMessage {
  readonly kind: (typeof kinds)[number]
  readonly serial: number
  readonly path?: string
  readonly interface?: string
  readonly member?: string
  readonly error?: string
  readonly replyTo?: number
  readonly destination?: string
  readonly sender?: string
  readonly signature?: string
  readonly body?: readonly DbusValue[]
}

/** Protocol version, and the longest message there is. */
const [version, longest] = [1, 2 ** 27]

export function encodeMessage(message: DbusMessage): Buffer {
  const body = marshal(message.signature ?? '', message.body ?? [])
  const given = fields.flatMap(([name, code, signature]): DbusValue[] => (message[name] === undefined || message[name] === '' ? [] : [[code, { signature, value: message[name] }]]))
  const header = marshal('yyyyuua(yv)', ['l'.charCodeAt(0), kinds.indexOf(message.kind), 0, version, body.length, message.serial, given])
  return Buffer.concat([header, Buffer.alloc(padding(header.length)), body])
}

const padding = (length: number): number => (8 - (length % 8)) % 8

/**
 * The first message of what has come.
 *
 * @returns undefined where it is not there as a whole yet
 * @throws SyntaxError, RangeError it is none, or from a machine of the other byte order
 */
export function decodeMessage(bytes: Buffer): { readonly message: DbusMessage; readonly length: number } | undefined {
  if (bytes.length < 16) return undefined
  if (bytes[0] !== 'l'.charCodeAt(0) || bytes[3] !== version) throw new SyntaxError('What has come is not a message of D-Bus in little-endian order')
  const end = 16 + bytes.readUInt32LE(12)
  const length = end + padding(end) + bytes.readUInt32LE(4)
  if (length > longest) throw new RangeError(`A message of D-Bus of ${length} bytes is too long`)
  if (bytes.length < length) return undefined
  const [, kind, , , , serial, given] = unmarshal('yyyyuua(yv)', bytes.subarray(0, end)) as [number, number, number, number, number, number, readonly [number, DbusVariant][]]
  // Fields and kinds that a later version adds are to be ignored.
  const header = Object.fromEntries(given.flatMap(([code, { value }]) => fields.filter(([, each]) => each === code).map(([name]) => [name, value]))) as Omit<DbusMessage, 'kind' | 'serial' | 'body'>
  return { message: { kind: kinds[kind] ?? 'invalid', serial, ...header, body: unmarshal(header.signature ?? '', bytes.subarray(end + padding(end), length)) }, length }
}
