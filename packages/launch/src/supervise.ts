import { readSync, writeSync } from 'node:fs'
import { failureOf } from './failure.ts'
import { writeIdMaps } from './id-map.ts'
import type { LaunchOptions } from './options.ts'
import { LaunchedProcess } from './process.ts'
import type { Started } from './started.ts'
import { wait } from './wait.ts'

/** Answers checkpoints until the process has exec'd, ended, or failed. */
export async function supervise(started: Started, options: LaunchOptions): Promise<LaunchedProcess> {
  const { signal } = options
  const launched = new LaunchedProcess(started)
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => (abort = () => reject(signal!.reason)))
  aborted.catch(() => {})
  const unlessAborted = <T>(promise: Promise<T>): Promise<T> => (signal === undefined ? promise : Promise.race([promise, aborted]))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    for (;;) {
      const message = await unlessAborted(receive(started.control, signal))
      if (message !== undefined) {
        await unlessAborted(answer(message, launched, options))
        goOn(started.control)
        continue
      }
      const failure = await unlessAborted(failureOf(started))
      if (failure === undefined) break
      if (!started.again(failure)) throw failure
    }
    await started.settle()
    signal?.throwIfAborted()
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  const kill = () => launched.kill()
  signal?.addEventListener('abort', kill, { once: true })
  // What may outlive us is waited for by whoever asks, or by our own parent when we are gone.
  if (!options.detached || signal) void launched.exited.then(() => signal?.removeEventListener('abort', kill))
  return launched
}

/** The next message; undefined at end of file. */
async function receive(control: number, signal: AbortSignal | undefined): Promise<string | undefined> {
  const waiting = wait(control)
  signal?.addEventListener('abort', waiting.cancel, { once: true })
  await waiting.readable
  signal?.removeEventListener('abort', waiting.cancel)
  const message = Buffer.alloc(256)
  try {
    const length = readSync(control, message)
    return length === 0 ? undefined : message.toString('utf8', 0, length).trimEnd()
  } catch (error) {
    // A socket whose other end was closed with our answer unread is reset instead of ended.
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return undefined
    throw error
  }
}

async function answer(name: string, launched: LaunchedProcess, options: LaunchOptions): Promise<void> {
  const step = name.startsWith('step ') ? Number(name.slice('step '.length)) : undefined
  if (Number.isInteger(step)) return options.step?.(step!, launched.plan.program[step!]!, launched)
  if (name === 'idmap' && options.idMaps) return typeof options.idMaps === 'function' ? options.idMaps(launched) : writeIdMaps(launched.pid, options.idMaps)
  const handler = options.checkpoints?.[name]
  if (!handler) throw new Error(`The program waits at the checkpoint ${JSON.stringify(name)}, and nobody was given for it`)
  await handler(launched)
}

function goOn(control: number): void {
  try {
    writeSync(control, 'G')
  } catch (error) {
    // It died while it waited, perhaps with another answer unread: end of file comes next.
    if (!['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
