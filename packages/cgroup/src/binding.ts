import { parseCount, parseFlatKeyed, parseLimit } from './flat-keyed.ts'

/** Reads a file by its whole path; undefined when it is not there, or may not be read. */
export type ReadPath = (path: string) => string | undefined

/** Where a process is in one hierarchy: the mountpoint, and its group below it. */
export interface Location {
  readonly version: 1 | 2
  readonly mountpoint: string
  readonly path: string
}

/** The least of the limits on the way from the group up to the visible root. */
export interface Least {
  readonly limit: number
  /** Of the group that has the limit. */
  readonly usage?: number
  /** The interface file that says so. */
  readonly by: string
}

/** From the group up to the mountpoint. */
export function levels({ mountpoint, path }: Location): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  const base = mountpoint === '/' ? '' : mountpoint
  return [...parts.keys(), parts.length].reverse().map((depth) => [base, ...parts.slice(0, depth)].join('/') || '/')
}

/** @returns undefined when no group on the way has a limit; and what is left where least is, which may be another group */
export function leastOf(location: Location | undefined, read: ReadPath, limitFile: string, usageFile?: string): { readonly least: Least; readonly left?: number } | undefined {
  if (!location) return undefined
  let least: Least | undefined
  let left: number | undefined
  for (const directory of levels(location)) {
    const by = `${directory}/${limitFile}`
    const limit = parseLimit(read(by))
    if (limit === undefined || limit === null) continue
    const usage = usageFile === undefined ? undefined : parseCount(read(`${directory}/${usageFile}`))
    if (!least || limit < least.limit) least = { limit, by, ...(usage === undefined ? {} : { usage }) }
    if (usage !== undefined) left = Math.min(left ?? Infinity, Math.max(0, limit - usage))
  }
  return least && { least, ...(left === undefined ? {} : { left }) }
}

/** The least quota, in CPUs. v1 has it in two files, v2 in one. */
export function leastQuota(location: Location | undefined, read: ReadPath): Least | undefined {
  if (!location) return undefined
  let least: Least | undefined
  for (const directory of levels(location)) {
    const by = `${directory}/${location.version === 1 ? 'cpu.cfs_quota_us' : 'cpu.max'}`
    const [quota, period] = location.version === 1 ? [read(by), read(`${directory}/cpu.cfs_period_us`)] : (read(by)?.split(' ') ?? [])
    const limit = (parseLimit(quota) ?? Infinity) / Number(period ?? 100_000)
    if (limit > 0 && limit < (least?.limit ?? Infinity)) least = { limit, by }
  }
  return least
}

/**
 * v1 tells the least memory limit up to the real root, also where the groups that have it are hidden from this mount or namespace.
 *
 * @see Documentation/admin-guide/cgroup-v1/memory.rst, hierarchical_memory_limit
 */
export function hierarchicalLimit(location: Location | undefined, read: ReadPath): Least | undefined {
  if (location?.version !== 1) return undefined
  const by = `${levels(location)[0]}/memory.stat`
  const value = parseFlatKeyed(read(by) ?? '')['hierarchical_memory_limit']
  const limit = value === undefined ? undefined : parseLimit(String(value))
  return limit === undefined || limit === null ? undefined : { limit, by }
}
