import type { ReadFile } from './memory-stat.ts'
import { parseNestedKeyed } from './nested-keyed.ts'

/** What the group and everything below it read and wrote, by block device. */
export interface IoStat {
  readonly devices: readonly IoDeviceStat[]
}

/** Buffered writes count when they reach the device: on v1 for the root group, on v2 for the group that wrote. */
export interface IoDeviceStat {
  /** 'MAJOR:MINOR' */
  readonly device: string
  readonly readBytes: number
  readonly writeBytes: number
  readonly reads: number
  readonly writes: number
  readonly discardBytes: number
  readonly discards: number
}

/** @param read of the group's blkio or io directory */
export function ioStat(version: 1 | 2, read: ReadFile): IoStat | undefined {
  return version === 1 ? ioStatV1(read) : ioStatV2(read)
}

/** @see Documentation/admin-guide/cgroup-v2.rst, io.stat */
function ioStatV2(read: ReadFile): IoStat | undefined {
  const text = read('io.stat')
  if (text === undefined) return undefined
  const devices = [...parseNestedKeyed(text)].filter(([, values]) => 'rbytes' in values).map(([device, values]) => {
    const count = (name: string) => values[name] ?? 0
    return { device, readBytes: count('rbytes'), writeBytes: count('wbytes'), reads: count('rios'), writes: count('wios'), discardBytes: count('dbytes'), discards: count('dios') }
  })
  return { devices }
}

// `_recursive` counts the groups below, as v2 does; the other is what kernels before 4.18 have. @see cgroup-v1/blkio-controller.rst
function ioStatV1(read: ReadFile): IoStat | undefined {
  const bytes = read('blkio.throttle.io_service_bytes_recursive') ?? read('blkio.throttle.io_service_bytes')
  const operations = read('blkio.throttle.io_serviced_recursive') ?? read('blkio.throttle.io_serviced')
  if (bytes === undefined || operations === undefined) return undefined
  const [byBytes, byOperations] = [byDevice(bytes), byDevice(operations)]
  const devices = [...new Set([...byBytes.keys(), ...byOperations.keys()])].map((device) => {
    const [b, o] = [byBytes.get(device) ?? {}, byOperations.get(device) ?? {}]
    return { device, readBytes: b['Read'] ?? 0, writeBytes: b['Write'] ?? 0, reads: o['Read'] ?? 0, writes: o['Write'] ?? 0, discardBytes: b['Discard'] ?? 0, discards: o['Discard'] ?? 0 }
  })
  return { devices }
}

/** `8:0 Read 4096` a line; the last, `Total 4096`, is of no device. */
function byDevice(text: string): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>()
  for (const line of text.split('\n')) {
    const [, device, operation, value] = /^(\d+:\d+) (Read|Write|Discard) (\d+)$/.exec(line) ?? []
    if (device !== undefined && operation !== undefined) found.set(device, { ...found.get(device), [operation]: Number(value) })
  }
  return found
}
