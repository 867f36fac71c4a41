import { setTimeout as delay } from 'node:timers/promises'
import { type CpuUsage, cpuUsage, processCpuPercent } from './cpu-usage.ts'
import type { Directory } from './directory.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { readAsync } from './read-async.ts'
import { SYSTEM_READINGS } from './system-readings.ts'
import { TASK_READINGS } from './task-readings.ts'

function checked(intervalMillis: number): number {
  if (!(intervalMillis > 0 && Number.isFinite(intervalMillis))) throw new RangeError(`Cannot look at processor time for ${intervalMillis} ms`)
  return intervalMillis
}

/** The processor time of a process over an interval that begins now. */
export async function cpuPercent(directory: Directory, intervalMillis: number): Promise<number> {
  checked(intervalMillis)
  const began = performance.now()
  const before = await readAsync(TASK_READINGS.stat(directory))
  await delay(intervalMillis)
  const after = await readAsync(TASK_READINGS.stat(directory))
  if (after.starttimeTicks !== before.starttimeTicks) throw new ProcessVanishedError(before.pid, `${directory.path}/stat`, undefined)
  return processCpuPercent(before, after, performance.now() - began)
}

/** What the processors did over an interval that begins now. */
export async function machineCpuUsage(root: Directory, intervalMillis: number): Promise<CpuUsage> {
  checked(intervalMillis)
  const before = await readAsync(SYSTEM_READINGS.stat(root))
  await delay(intervalMillis)
  return cpuUsage(before, await readAsync(SYSTEM_READINGS.stat(root)))
}
