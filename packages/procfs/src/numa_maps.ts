import { hexadecimal, integer } from './integer.ts'
import { unescapeOctal } from './octal-escape.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { allRecords, type BeginRecords, everyLine } from './records.ts'

/**
 * Where the pages of a mapping are.
 *
 * @see proc(5) /proc/pid/numa_maps, numa(7)
 */
export interface NumaMapping {
  readonly start: bigint
  /** `default`, `prefer:0`, `bind=static:0-1`, `interleave:0-3`. */
  readonly policy: string
  /** Octal escapes undone. */
  readonly file?: string
  readonly kind?: 'heap' | 'stack'
  readonly huge: boolean
  /** Pages by node. */
  readonly nodes: ReadonlyMap<number, number>
  readonly kernelPageSizeBytes?: number
  /** In pages, but for `mapmax`, the most processes that map one page: `anon`, `dirty`, `mapped`, `active`, `writeback`, `swapcache`. */
  readonly pages: Readonly<Record<string, number>>
}

const KIB = 1024

export const numaMappingRecords: BeginRecords<NumaMapping> = everyLine((place) => {
  const [start, policy, ...fields] = place.text.trimEnd().split(' ')
  if (policy === undefined) throw new ProcParseError(place, 'an address and a policy')
  const nodes = new Map<number, number>()
  const pages = Object.create(null) as Record<string, number>
  const found: { file?: string; kind?: 'heap' | 'stack'; kernelPageSizeBytes?: number } = {}
  let huge = false
  for (const field of fields) {
    const equals = field.indexOf('=')
    const name = equals === -1 ? field : field.slice(0, equals)
    const value = field.slice(equals + 1)
    if (equals === -1) {
      if (name === 'heap' || name === 'stack') found.kind = name
      else if (name === 'huge') huge = true
      else throw new ProcParseError(place, `heap, stack, huge or name=value, not ${JSON.stringify(field)}`)
    } else if (name === 'file') found.file = unescapeOctal(value)
    else if (name === 'kernelpagesize_kB') found.kernelPageSizeBytes = integer(value, place) * KIB
    else if (/^N\d{1,5}$/.test(name)) nodes.set(Number(name.slice(1)), integer(value, place))
    else pages[name] = integer(value, place)
  }
  return { start: hexadecimal(start, place), policy, ...found, huge, nodes, pages }
})

/**
 * The mappings of a /proc/PID/numa_maps text, by address.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/pid/numa_maps
 * @example
 * parseNumaMaps('7f9a2559b000 default file=/a\\040b mapped=2 N0=2 kernelpagesize_kB=4\n')[0]?.file // '/a b'
 */
export function parseNumaMaps(text: string, file = 'numa_maps'): NumaMapping[] {
  return allRecords(numaMappingRecords, text, file)
}
