import { parseCpuList, type LimitWrite } from '@ctr/cgroup'
import type { DbusValue } from './dbus-value.ts'

/** A property of a unit: its name, and its value with the type that systemd wants. */
export type UnitProperty = readonly [name: string, value: { readonly signature: string; readonly value: DbusValue }]

/** No limit: all bits. */
const infinity = 2n ** 64n - 1n

const unsigned = (name: string, value: bigint): UnitProperty => [name, { signature: 't', value }]
const yes = (name: string, value = true): UnitProperty => [name, { signature: 'b', value }]
const amount = (name: string) => (value: string): UnitProperty[] => [unsigned(name, value === 'max' || value === '-1' ? infinity : bytes(value))]
/** Less than systemd takes is in the file alone. */
function between(name: string, least: bigint, most: bigint): (value: string) => UnitProperty[] {
  return (value) => (BigInt(value) < least || BigInt(value) > most ? [] : [unsigned(name, BigInt(value))])
}
const list = (name: string) => (value: string): UnitProperty[] => [[name, { signature: 'ay', value: bits(parseCpuList(value)) }]]

/** What systemd calls the files of both versions. Those of version 1 have older names than those of version 2. @see systemd.resource-control(5); org.freedesktop.systemd1(5) */
const names: Readonly<Record<string, (value: string) => UnitProperty[]>> = {
  'memory.max': amount('MemoryMax'), 'memory.high': amount('MemoryHigh'), 'memory.low': amount('MemoryLow'), 'memory.min': amount('MemoryMin'), 'memory.swap.max': amount('MemorySwapMax'),
  'cpu.weight': amount('CPUWeight'), 'cpu.max': bandwidth,
  'cpuset.cpus': list('AllowedCPUs'), 'cpuset.mems': list('AllowedMemoryNodes'),
  // It takes no 0, and the file gets what was asked for.
  'pids.max': (value) => (value === '0' ? [unsigned('TasksMax', 1n)] : amount('TasksMax')(value)),
  'memory.limit_in_bytes': amount('MemoryLimit'), 'cpu.shares': amount('CPUShares'), 'blkio.bfq.weight': between('BlockIOWeight', 10n, 1000n),
  'io.weight': (value) => (value.startsWith('default ') ? amount('IOWeight')(value.slice('default '.length)) : []),
}

/**
 * What systemd is told of limits, so that it shows them, and writes them again when it writes at all. What it has no property for is in the
 * files alone, which it leaves as they are.
 *
 * @param writes to files of the group; of several to one file the last counts
 */
export function limitProperties(writes: readonly LimitWrite[]): UnitProperty[] {
  return [...new Map(bandwidthTogether(writes).flatMap(({ file, value }) => propertiesOf(file, value.trim())).map((property) => [property[0], property])).values()]
}

/** The quota of version 1 is in two files, and in one of version 2. */
function bandwidthTogether(writes: readonly LimitWrite[]): readonly LimitWrite[] {
  const last = (file: string) => writes.findLast((write) => write.file === file)?.value.trim()
  const quota = last('cpu.cfs_quota_us')
  return quota === undefined ? writes : [...writes, { controller: 'cpu', file: 'cpu.max', value: `${quota === '-1' ? 'max' : quota} ${last('cpu.cfs_period_us') ?? ''}`.trim() }]
}

function propertiesOf(file: string, value: string): UnitProperty[] {
  try {
    return names[file]?.(value) ?? []
  } catch {
    // What is no such value the kernel refuses when it is written to the file, and the path of the file is said then.
    return []
  }
}

/** As the files of memory take it too: `64M`. @see memparse in lib/cmdline.c */
function bytes(text: string): bigint {
  const [, digits = text, suffix = ''] = /^(\d+)([KMGTPE])$/i.exec(text) ?? []
  return BigInt(digits) << BigInt(10 * ' KMGTPE'.indexOf(suffix.toUpperCase() || ' '))
}

/** It counts in percents of a processor: rounded up, so that it never allows less than the file says. */
function bandwidth(text: string): UnitProperty[] {
  const [quota = 'max', period = '100000'] = text.split(/\s+/)
  const percent = quota === 'max' ? undefined : (BigInt(quota) * 100n + BigInt(period) - 1n) / BigInt(period)
  return [unsigned('CPUQuotaPeriodUSec', BigInt(period)), unsigned('CPUQuotaPerSecUSec', percent === undefined ? infinity : percent * 10_000n)]
}

/** One bit each, the first in the lowest of the first byte. */
function bits(numbers: readonly number[]): number[] {
  const bytes = Array.from({ length: Math.floor(Math.max(-1, ...numbers) / 8) + 1 }, () => 0)
  for (const each of numbers) bytes[each >> 3]! |= 1 << (each & 7)
  return bytes
}

/** What a container's scope is, besides its limits. */
export function scopeProperties({ description, slice, pid, version = 2 }: { readonly description: string; readonly slice: string; readonly pid: number; readonly version?: 1 | 2 }): UnitProperty[] {
  return [
    ['Description', { signature: 's', value: description }], ['Slice', { signature: 's', value: slice }],
    // What is below its group is the container's.
    yes('Delegate'),
    ['PIDs', { signature: 'au', value: [pid] }],
    ...['MemoryAccounting', 'CPUAccounting', version === 1 ? 'BlockIOAccounting' : 'IOAccounting', 'TasksAccounting'].map((name) => yes(name)),
    // Containers end with who made them, not in front of everything when the machine is shut down.
    yes('DefaultDependencies', false),
    // One that failed would keep its name until somebody resets it.
    ['CollectMode', { signature: 's', value: 'inactive-or-failed' }],
  ]
}
