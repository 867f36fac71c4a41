import { columns } from '../columns.ts'
import { integer } from '../integer.ts'
import { lines } from '../lines.ts'
import { ProcParseError } from '../proc-parse-error.ts'

/** A protocol that sockets can be of. @see net/core/sock.c proto_seq_printf() */
export interface NetProtocol {
  readonly name: string
  /** Of one socket. */
  readonly socketBytes: number
  /** In this network namespace. */
  readonly sockets: number
  /** Used by all sockets, in pages of all namespaces; undefined when it is not accounted. */
  readonly memoryPages?: number
  /** Undefined when the protocol knows no pressure. */
  readonly memoryPressure?: boolean
  readonly maxHeaderBytes: number
  /** Whether sockets come from a slab cache of their own. */
  readonly slab: boolean
  /** `kernel` when it is built in. */
  readonly module: string
  /** The operations that it has, by the heading's letters: `cl` close, `co` connect, `ac` accept, `in` init, … */
  readonly operations: readonly string[]
}

const FIXED = 8

/**
 * The protocols of a net/protocols text.
 *
 * @throws {ProcParseError} naming the line
 * @see net/core/sock.c proto_seq_printf()
 * @example
 * parseNetProtocols(readFileSync('/proc/self/net/protocols', 'utf8')).find(({ name }) => name === 'TCP')?.sockets
 */
export function parseNetProtocols(text: string, file = 'net/protocols'): NetProtocol[] {
  const [first, ...rows] = lines(text, file)
  if (first === undefined || !first.text.startsWith('protocol ')) throw new ProcParseError(first ?? { file, line: 1, text: '' }, 'a heading that begins with "protocol"')
  const letters = first.text.trim().split(/ +/).slice(FIXED)
  return rows.map((place) => {
    const [name, size, sockets, memory, pressure, maxHeader, slab, module, ...has] = columns(place, FIXED + letters.length, 'the columns of the heading')
    if (name === undefined || module === undefined) throw new ProcParseError(place, 'the columns of the heading')
    const memoryPages = integer(memory, place)
    return {
      name,
      socketBytes: integer(size, place),
      sockets: integer(sockets, place),
      ...(memoryPages === -1 ? {} : { memoryPages }),
      ...(pressure === 'NI' ? {} : { memoryPressure: pressure === 'yes' }),
      maxHeaderBytes: integer(maxHeader, place),
      slab: slab === 'yes',
      module,
      operations: letters.filter((_, index) => has[index] === 'y'),
    }
  })
}
