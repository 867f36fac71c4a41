import type { Layout } from './layout.ts'
import { checkInteger, show, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** What one block device may be used for. Absent is not touched; `'max'` takes a limit away. */
export interface IoDeviceLimits {
  /** 'MAJOR:MINOR' of a whole disk: the kernel knows no limits of partitions (ENODEV). */
  readonly device: string
  readonly readBytesPerSecond?: number | 'max'
  readonly writeBytesPerSecond?: number | 'max'
  readonly readsPerSecond?: number | 'max'
  readonly writesPerSecond?: number | 'max'
  /** Proportion of this device under contention; as {@link Limits.ioWeight} otherwise. */
  readonly weight?: number
}

// v1 files, v2 keys. throttle counts operations in 32 bits (block/blk-throttle.c: "min_t(u64, val, UINT_MAX)").
const rates = [
  ['readBytesPerSecond', 'blkio.throttle.read_bps_device', 'rbps', Number.MAX_SAFE_INTEGER],
  ['writeBytesPerSecond', 'blkio.throttle.write_bps_device', 'wbps', Number.MAX_SAFE_INTEGER],
  ['readsPerSecond', 'blkio.throttle.read_iops_device', 'riops', 2 ** 32 - 1],
  ['writesPerSecond', 'blkio.throttle.write_iops_device', 'wiops', 2 ** 32 - 1],
] as const
const names: ReadonlySet<string> = new Set(['device', 'weight', ...rates.map(([name]) => name)])

/** @see Documentation/admin-guide/cgroup-v2.rst, "IO Interface Files"; cgroup-v1/blkio-controller.rst; Documentation/block/bfq-iosched.rst */
export function ioWrites(layout: Layout, { io, ioWeight }: Limits): LimitWrite[] {
  if (io === undefined && ioWeight === undefined) return []
  const controller = layout.hierarchies.some((each) => each.version === 1 && each.controllers.includes('blkio')) ? 'blkio' : 'io'
  const version = versionOf(layout, controller)
  const writes: LimitWrite[] = []
  if (ioWeight !== undefined) writes.push(weight(version, ioWeight))
  if (io !== undefined && !Array.isArray(io)) throw new TypeError(`Cannot set io to ${show(io)}: not a list of devices`)
  for (const each of (io ?? []) as readonly IoDeviceLimits[]) {
    const { device } = each
    if (typeof device !== 'string' || !/^\d{1,4}:\d{1,7}$/.test(device)) throw new RangeError(`Cannot limit device ${show(device)}: not MAJOR:MINOR, like 8:0`)
    for (const name of Object.keys(each)) if (!names.has(name)) throw new TypeError(`Cannot set io limit ${JSON.stringify(name)}: not one of ${[...names].join(', ')}`)
    const given = rates.flatMap(([name, file, key, most]) => {
      const value = each[name]
      if (value === undefined) return []
      // 0 means "no limit" on v1 and is ERANGE on v2.
      checkInteger(`${version === 1 ? file : 'io.max'} of ${device}`, value, 1, most)
      return [{ file, key, value }]
    })
    if (version === 1) writes.push(...given.map(({ file, value }) => ({ controller, file, value: `${device} ${value === 'max' ? 0 : value}` })))
    else if (given.length > 0) writes.push({ controller, file: 'io.max', value: [device, ...given.map(({ key, value }) => `${key}=${value}`)].join(' ') })
    if (each.weight !== undefined) writes.push(weight(version, each.weight, device))
  }
  return writes
}

/**
 * v2 has io.weight (blk-iocost, 1 to 10,000) where that is built in, and io.bfq.weight (1 to 1,000) where BFQ is; the default is 100 in both,
 * and both are proportions, so a weight means the same in either. v1 has BFQ's only, since Linux 5.0.
 */
function weight(version: 1 | 2, value: number, device?: string): LimitWrite {
  const what = device === undefined ? 'default' : device
  if (version === 1) {
    const file = device === undefined ? 'blkio.bfq.weight' : 'blkio.bfq.weight_device'
    checkInteger(file, value, 1, 1000, false)
    return { controller: 'blkio', file, value: device === undefined ? String(value) : `${device} ${value}` }
  }
  checkInteger('io.weight', value, 1, 10_000, false)
  const write = { controller: 'io', file: 'io.weight', value: `${what} ${value}` }
  return value > 1000 ? write : { ...write, instead: 'io.bfq.weight' }
}
