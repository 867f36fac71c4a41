import type { Readable } from 'node:stream'
import { beforeAll, test } from 'vitest'
import { exec, find, run, start, type ContainerConfig, type ExecConfig, type Result, type RunningContainer, type StartOptions } from '../src/index.ts'
import { expectNothingLeft, settled, type Snapshot } from './leak-check.ts'

type Config = Partial<Omit<ContainerConfig, 'args'>>

/** What the names of these containers begin with, unless a test gives one. */
const prefix = `t${process.pid}-`
let count = 0
const containers: RunningContainer[] = []

const shellIn = (script: string, config: Config): ContainerConfig => ({ rootfs: 'host', args: ['sh', '-c', script], name: `${prefix}${count++}`, ...config })

/** For the end of a file: when its tests have run, all is as it was. */
export function leavesNothing(): void {
  let before: Snapshot
  beforeAll(async () => {
    // What is loaded at the first use stays: libraries, the image of the interpreter.
    await inside('true', { init: true })
    before = await settled(prefix)
  })
  test('nothing is left behind', () => {
    // A pipe stays open until somebody has read what is in it.
    for (const { stdin, stdout, stderr } of containers) for (const stream of [stdin, stdout, stderr]) stream?.destroy()
    return expectNothingLeft(prefix, before)
  })
}

/** For a script that looks at PID 1 where that is init: the command may be faster than the process that executes it. */
export const untilInit = 'while read -r comm < /proc/1/comm; [ "$comm" != init ]; do :; done;'

/** What a shell prints that is the command of a container. */
export const inside = (script: string, config: Config = {}, options: StartOptions = {}): Promise<Result> => run(shellIn(script, config), options)

/** A container whose shell script runs on, with what it prints by lines. */
export async function running(script: string, config: Config = {}, options: StartOptions = {}): Promise<RunningContainer & { readonly lines: AsyncGenerator<string, void> }> {
  const container = await start(shellIn(script, config), options)
  containers.push(container)
  return Object.assign(container, { lines: lines(container.stdout!) })
}

/** What a shell prints that joins a container, and how it ends. */
export async function joined(container: { readonly name: string }, script: string, config: Omit<ExecConfig, 'args'> = {}) {
  const process = await exec(find(container.name), { args: ['sh', '-c', script], ...config })
  const [stdout, stderr, exit] = await Promise.all([text(process.stdout), text(process.stderr), process.exited])
  return { stdout, stderr, ...exit }
}

export async function text(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of stream ?? []) chunks.push(chunk)
  } catch (error) {
    // What a terminal gives instead of an end of file.
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error
  }
  return Buffer.concat(chunks).toString()
}

export async function* lines(stream: Readable): AsyncGenerator<string, void> {
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop()!
    yield* parts
  }
  if (rest !== '') yield rest
}

/** The next line; fails where there is none. */
export async function next(from: { readonly lines: AsyncGenerator<string, void> }): Promise<string> {
  const { value } = await from.lines.next()
  if (value === undefined) throw new Error('It has printed nothing more')
  return value
}
