import { parseCount, parseFlatKeyed, parseLimit } from './flat-keyed.ts'
import type { ReadFile } from './memory-stat.ts'
import { parseNestedKeyed } from './nested-keyed.ts'

/** Huge pages of one size. */
export interface HugetlbStat {
  readonly usageBytes: number
  readonly limitBytes: number | null
  /** Promised by mmap(2), touched or not. */
  readonly reservedBytes?: number
  /** v1 only. */
  readonly peakBytes?: number
  /** How often a page was refused. */
  readonly limitHits?: number
}

/** One RDMA device. */
export interface RdmaStat {
  readonly handles: number
  readonly objects: number
  readonly maxHandles: number | null
  readonly maxObjects: number | null
}

/** One resource of the misc controller, in its own unit. */
export interface MiscStat {
  readonly current: number
  readonly max: number | null
  /** @since Linux 6.10 */
  readonly peak?: number
  /** How often it was refused. v2 */
  readonly limitHits?: number
}

/** @param sizes as the file names have them: '2MB' */
export function hugetlbStat(version: 1 | 2, sizes: readonly string[], read: ReadFile): Record<string, HugetlbStat> | undefined {
  const found = sizes.flatMap((size) => {
    const of = (file: string) => read(`hugetlb.${size}.${file}`)
    const usageBytes = parseCount(of(version === 1 ? 'usage_in_bytes' : 'current'))
    if (usageBytes === undefined) return []
    const reservedBytes = parseCount(of(version === 1 ? 'rsvd.usage_in_bytes' : 'rsvd.current'))
    const peakBytes = version === 1 ? parseCount(of('max_usage_in_bytes')) : undefined
    const limitHits = version === 1 ? parseCount(of('failcnt')) : parseFlatKeyed(of('events') ?? '')['max']
    return [[size, {
      usageBytes,
      limitBytes: parseHugetlbLimit(version, of(version === 1 ? 'limit_in_bytes' : 'max'), size),
      ...(reservedBytes === undefined ? {} : { reservedBytes }),
      ...(peakBytes === undefined ? {} : { peakBytes }),
      ...(limitHits === undefined ? {} : { limitHits }),
    }] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

// mm/hugetlb_cgroup.c: v1's "no limit" is PAGE_COUNTER_MAX rounded down to a huge page.
function parseHugetlbLimit(version: 1 | 2, text: string | undefined, size: string): number | null {
  const limit = parseLimit(text) ?? null
  const unit = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[size.at(-2) ?? ''] ?? 1
  return limit === null || (version === 1 && limit >= 2 ** 63 - 2 ** 17 - parseInt(size, 10) * unit) ? null : limit
}

/** @param read of the group's rdma directory */
export function rdmaStat(read: ReadFile): Record<string, RdmaStat> | undefined {
  const current = read('rdma.current')
  if (current === undefined) return undefined
  const most = parseNestedKeyed(read('rdma.max') ?? '')
  return Object.fromEntries([...parseNestedKeyed(current)].map(([device, values]) => {
    const max = most.get(device) ?? {}
    return [device, { handles: values['hca_handle'] ?? 0, objects: values['hca_object'] ?? 0, maxHandles: max['hca_handle'] ?? null, maxObjects: max['hca_object'] ?? null }]
  }))
}

/** @param read of the group's misc directory */
export function miscStat(read: ReadFile): Record<string, MiscStat> | undefined {
  const current = read('misc.current')
  if (current === undefined) return undefined
  const [max, peaks, events] = ['misc.max', 'misc.peak', 'misc.events'].map((file) => parseFlatKeyed(read(file) ?? '')) as [Record<string, number>, Record<string, number>, Record<string, number>]
  return Object.fromEntries(Object.entries(parseFlatKeyed(current)).map(([resource, value]) => {
    const [peak, limitHits] = [peaks[resource], events[`${resource}.max`]]
    // parseFlatKeyed leaves `max` out.
    return [resource, { current: value, max: max[resource] ?? null, ...(peak === undefined ? {} : { peak }), ...(limitHits === undefined ? {} : { limitHits }) }]
  }))
}
