import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

type Values = Record<string, number>

/**
 * A zone of memory. Everything by the kernel's name, in pages unless the name says otherwise.
 *
 * @see proc(5) /proc/zoneinfo
 */
export interface Zone {
  readonly node: number
  readonly zone: string
  /** Of the whole node; printed with its first populated zone only. */
  readonly perNode?: Readonly<Record<string, number>>
  /** `free`, the watermarks `min`, `low`, `high` (and `boost`, `promo`), `spanned`, `present`, `managed`, `cma`. */
  readonly pages: Readonly<Record<string, number>>
  /** What is kept back from allocations that could have used each higher zone. */
  readonly protection: readonly number[]
  /** The zone's counters: `nr_free_pages`, `numa_hit`. */
  readonly stats: Readonly<Record<string, number>>
  /** The pages that each processor keeps at hand, by its number: `count`, `high`, `batch`. */
  readonly pagesets: ReadonlyMap<number, Readonly<Record<string, number>>>
  /** `node_unreclaimable`, `start_pfn` and, on old kernels, `inactive_ratio`. */
  readonly other: Readonly<Record<string, number>>
}

const values = (): Values => Object.create(null) as Values

interface Building {
  node: number
  zone: string
  perNode?: Values
  pages: Values
  protection: number[]
  stats: Values
  pagesets: Map<number, Values>
  other: Values
}

function begin(place: Place): Building | undefined {
  const match = /^Node (\d{1,5}), zone +(\S+)$/.exec(place.text)
  if (match === null) return undefined
  return { node: Number(match[1]), zone: match[2]!, pages: values(), protection: [], stats: values(), pagesets: new Map(), other: values() }
}

// What `pages free` introduces: one more value a line, until a `nr_…` or the protection.
const PAGES = /^(?:boost|min|low|high|promo|scanned|spanned|present|managed|cma)$/

/**
 * The zones of a /proc/zoneinfo text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/zoneinfo
 * @example
 * parseZoneinfo(readFileSync('/proc/zoneinfo', 'utf8')).map(({ zone, pages }) => [zone, pages.free, pages.low])
 */
export function parseZoneinfo(text: string, file = 'zoneinfo'): Zone[] {
  const zones: Building[] = []
  let zone: Building | undefined
  let perNode: Values | undefined
  let pageset: Values | undefined
  for (const place of lines(text, file)) {
    const next = begin(place)
    if (next !== undefined) {
      zones.push(zone = next)
      perNode = pageset = undefined
      continue
    }
    if (zone === undefined) throw new ProcParseError(place, 'Node n, zone name')
    const line = place.text.trim()
    if (line === 'per-node stats') zone.perNode = perNode = values()
    else if (line === 'pagesets' || line === '') perNode = undefined
    else if (line.startsWith('protection: ')) {
      zone.protection = line.slice('protection: '.length).replace(/^\(|\)$/g, '').split(', ').map((value) => integer(value, place))
    } else {
      // "pages free 3840", "cpu: 0", "count: 1", "vm stats threshold: 4", "node_unreclaimable: 0", "nr_free_pages 3840".
      const match = /^(?:pages +)?([A-Za-z_][\w ]*?)(:?) +(-?\d{1,20})$/.exec(line)
      if (match === null) throw new ProcParseError(place, 'a name and a value')
      const name = match[1]!
      const value = integer(match[3], place)
      if (line.startsWith('pages ')) perNode = undefined
      if (name === 'cpu') zone.pagesets.set(value, pageset = values())
      else if (match[2] === ':' && /^(?:node_unreclaimable|all_unreclaimable|start_pfn|inactive_ratio)$/.test(name)) zone.other[name] = value
      else if (match[2] === ':' && pageset !== undefined) pageset[name] = value
      else if (perNode !== undefined) perNode[name] = value
      else if (line.startsWith('pages ') || PAGES.test(name)) zone.pages[name] = value
      else zone.stats[name] = value
    }
  }
  return zones
}
