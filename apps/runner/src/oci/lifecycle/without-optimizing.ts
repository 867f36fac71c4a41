import { statSync } from 'node:fs'
import { join } from 'node:path'

/** Of a configuration with hundreds of mounts; what engines write has 10 to 30 kB. */
const largeBytes = 65_536

/**
 * The work for a large configuration is done without V8's optimizing compiler: functions that are executed some thousand times are worth its
 * attention, but the process ends before that pays. For 1,000 mounts it takes half of all processor time (bench/README.md).
 *
 * Afterwards the flag is as it was: code that V8 makes with other flags is not taken by the next process (decisions/017).
 *
 * @see use_optimizer in src/execution/isolate.cc of V8: the flag is asked for each function
 */
export async function withoutOptimizing<T>(bundle: string, work: () => Promise<T>): Promise<T> {
  // Whoever has chosen flags for Node keeps them.
  if (sizeOf(join(bundle, 'config.json')) < largeBytes || process.execArgv.length > 0) return work()
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--no-opt')
  try {
    return await work()
  } finally {
    setFlagsFromString('--opt')
  }
}

/** What is wrong with it is said by whoever reads it. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}
