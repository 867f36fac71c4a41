import * as node from 'node:child_process'
import type { Duplex } from 'node:stream'
import { spawn, type SpawnOptions } from '../src/spawn.ts'

/** What can be seen of a process from outside. */
export interface Story {
  readonly events: readonly (readonly unknown[])[]
  readonly output: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
  readonly thrown?: unknown
}

/** What both kinds of process have. */
export interface Alike {
  readonly stdio: readonly (Duplex | null)[]
  readonly pid?: number | undefined
  kill(signal?: NodeJS.Signals | number): boolean
  on(event: string, listener: (...args: never[]) => void): unknown
}

export interface Case {
  readonly file: string
  readonly args?: readonly string[]
  readonly options?: (SpawnOptions & node.SpawnOptions) | (() => SpawnOptions & node.SpawnOptions)
  /** Does something with it once it is there. */
  readonly act?: (child: Alike) => void
}

const ways: Readonly<Record<'node' | 'ours', (file: string, args: readonly string[], options: SpawnOptions & node.SpawnOptions) => Alike>> = {
  node: (file, args, options) => node.spawn(file, [...args], options) as unknown as Alike,
  ours: (file, args, options) => spawn(file, args, options) as unknown as Alike,
}

/** What happened to a process that was started in one of the two ways, from its start to its 'close'. */
export async function story(way: 'node' | 'ours', { file, args = [], options = {}, act }: Case): Promise<Story> {
  const events: (readonly unknown[])[] = []
  const output: string[] = []
  let child: Alike
  try {
    child = ways[way](file, args, typeof options === 'function' ? options() : options)
  } catch (error) {
    return { events, output, fields: {}, thrown: (error as Error).constructor.name }
  }
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  for (const event of ['spawn', 'exit', 'close']) child.on(event, (...data: unknown[]) => events.push([event, ...data]))
  child.on('error', (error: NodeJS.ErrnoException & { spawnargs?: unknown }) => {
    const { name, message, code, errno, syscall, path, spawnargs } = error
    events.push(['error', { name, message, code, errno, syscall, path, spawnargs }])
  })
  for (const [i, stream] of child.stdio.entries()) {
    if (i === 0) stream?.on('error', () => {})
    else stream?.on('data', (chunk) => (output[i] = (output[i] ?? '') + String(chunk)))
  }
  act?.(child)
  await closed
  const { spawnfile, spawnargs, exitCode, signalCode, killed } = child as unknown as Record<string, unknown>
  return { events, output, fields: { spawnfile, spawnargs, exitCode, signalCode, killed, again: child.kill() } }
}
