import type { Layout } from './layout.ts'
import { show, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** @see cpuset(7), "List format" */
export function cpusetWrites(layout: Layout, { cpusetCpus, cpusetMems }: Limits): LimitWrite[] {
  const writes: LimitWrite[] = []
  for (const [file, value] of [['cpuset.cpus', cpusetCpus], ['cpuset.mems', cpusetMems]] as const) {
    if (value === undefined) continue
    if (typeof value !== 'string') throw new TypeError(`Cannot set ${file} to ${show(value)}: not a string`)
    // Empty would mean "as the parent" on v2 and "none, so ENOSPC" on v1: refused rather than two meanings.
    if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value)) throw new RangeError(`Cannot set ${file} to ${show(value)}: not a list like 0-3,6`)
    for (const range of value.split(',')) {
      const [from, to = from] = range.split('-').map(Number)
      if (from! > to!) throw new RangeError(`Cannot set ${file} to ${show(value)}: ${range} runs backwards`)
    }
    versionOf(layout, 'cpuset')
    writes.push({ controller: 'cpuset', file, value })
  }
  return writes
}
