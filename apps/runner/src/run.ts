import type { Readable } from 'node:stream'
import type { ContainerConfig } from './config.ts'
import { start, type StartOptions } from './start.ts'
import type { Outcome } from './state.ts'

export interface Result extends Outcome {
  /** What the command wrote, as UTF-8; empty where `stdio` sent it elsewhere. */
  readonly stdout: string
  readonly stderr: string
}

/**
 * A container ran its command to the end, and nothing of it is left.
 *
 * A command that fails does not throw: look at `exitCode`.
 *
 * @throws as `start`
 * @example
 * const { exitCode, stdout } = await run({ rootfs: 'host', args: ['echo', 'hello'] })
 */
export async function run(config: ContainerConfig, options: StartOptions = {}): Promise<Result> {
  const container = await start({ remove: true, ...config }, options)
  // Nobody has a handle to write to it.
  container.stdin?.end()
  const [outcome, stdout, stderr] = await Promise.all([container.exited, text(container.stdout), text(container.stderr)])
  return { ...outcome, stdout, stderr }
}

async function text(stream: Readable | null): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
