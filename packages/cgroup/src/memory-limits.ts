import type { Layout } from './layout.ts'
import { checkInteger, show, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** @see Documentation/admin-guide/cgroup-v1/memory.rst; cgroup-v2.rst, "Memory Interface Files" */
export function memoryWrites(layout: Layout, limits: Limits): LimitWrite[] {
  const { memoryBytes, memorySwapBytes, memoryReservationBytes, memoryHighBytes, memoryMinBytes, memorySwappiness, memoryOomGroup, memoryOomKillDisable, memoryTcpBytes } = limits
  if (Object.entries(limits).every(([name, value]) => !name.startsWith('memory') || value === undefined)) return []
  const version = versionOf(layout, 'memory')
  const file = version === 1
    ? { max: 'memory.limit_in_bytes', swap: 'memory.memsw.limit_in_bytes', low: 'memory.soft_limit_in_bytes' }
    : { max: 'memory.max', swap: 'memory.swap.max', low: 'memory.low' }
  const bytes = (value: number | 'max') => (value === 'max' ? (version === 1 ? '-1' : 'max') : String(value))
  const writes: LimitWrite[] = []
  if (memoryBytes !== undefined) {
    checkInteger(file.max, memoryBytes, 0, Number.MAX_SAFE_INTEGER)
    writes.push({ controller: 'memory', file: file.max, value: bytes(memoryBytes) })
  }
  if (memorySwapBytes !== undefined) {
    checkInteger(file.swap, memorySwapBytes, 0, Number.MAX_SAFE_INTEGER)
    if (memorySwapBytes !== 'max') {
      // v1 counts memory and swap together (memsw), v2 swap alone: without the memory limit the difference is unknown.
      if (memoryBytes === undefined) throw new TypeError(`Cannot set ${file.swap} to ${memorySwapBytes}: memorySwapBytes is memory and swap together and needs memoryBytes`)
      if (memoryBytes === 'max' || memorySwapBytes < memoryBytes) {
        throw new RangeError(`Cannot set ${file.swap} to ${memorySwapBytes}: memory and swap together cannot be less than memory alone (${memoryBytes})`)
      }
    }
    const swap = version === 2 && memorySwapBytes !== 'max' ? memorySwapBytes - Number(memoryBytes) : memorySwapBytes
    writes.push({ controller: 'memory', file: file.swap, value: bytes(swap) })
  }
  if (memoryReservationBytes !== undefined) {
    checkInteger(file.low, memoryReservationBytes, 0, Number.MAX_SAFE_INTEGER, false)
    writes.push({ controller: 'memory', file: file.low, value: String(memoryReservationBytes) })
  }
  if (memoryHighBytes !== undefined) {
    if (version === 1) throw new TypeError(`Cannot set memory.high to ${memoryHighBytes}: v1 has no throttling limit`)
    checkInteger('memory.high', memoryHighBytes, 0, Number.MAX_SAFE_INTEGER)
    writes.push({ controller: 'memory', file: 'memory.high', value: bytes(memoryHighBytes) })
  }
  if (memoryMinBytes !== undefined) {
    if (version === 1) throw new TypeError(`Cannot set memory.min to ${memoryMinBytes}: v1 has no guaranteed memory`)
    checkInteger('memory.min', memoryMinBytes, 0, Number.MAX_SAFE_INTEGER, false)
    writes.push({ controller: 'memory', file: 'memory.min', value: String(memoryMinBytes) })
  }
  if (memorySwappiness !== undefined) {
    if (version === 2) throw new TypeError(`Cannot set memory.swappiness to ${memorySwappiness}: v2 has no swappiness of a group`)
    checkInteger('memory.swappiness', memorySwappiness, 0, 100, false)
    writes.push({ controller: 'memory', file: 'memory.swappiness', value: String(memorySwappiness) })
  }
  if (memoryOomGroup !== undefined) {
    if (typeof memoryOomGroup !== 'boolean') throw new TypeError(`Cannot set memory.oom.group to ${show(memoryOomGroup)}: not a boolean`)
    if (version === 1) throw new TypeError('Cannot set memory.oom.group: v1 kills one process at a time')
    writes.push({ controller: 'memory', file: 'memory.oom.group', value: memoryOomGroup ? '1' : '0' })
  }
  if (memoryOomKillDisable !== undefined) {
    if (typeof memoryOomKillDisable !== 'boolean') throw new TypeError(`Cannot set memory.oom_control to ${show(memoryOomKillDisable)}: not a boolean`)
    if (version === 2 && memoryOomKillDisable) throw new TypeError('Cannot set memory.oom_control: v2 always kills, and memory.high slows down before it does')
    if (version === 1) writes.push({ controller: 'memory', file: 'memory.oom_control', value: memoryOomKillDisable ? '1' : '0' })
  }
  if (memoryTcpBytes !== undefined) {
    const tcp = 'memory.kmem.tcp.limit_in_bytes'
    checkInteger(tcp, memoryTcpBytes, 0, Number.MAX_SAFE_INTEGER)
    if (version === 2 && memoryTcpBytes !== 'max') throw new TypeError(`Cannot set ${tcp} to ${memoryTcpBytes}: v2 counts buffers of TCP as memory, and limits them with it`)
    if (version === 1) writes.push({ controller: 'memory', file: tcp, value: bytes(memoryTcpBytes) })
  }
  return writes
}
