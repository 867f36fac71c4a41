import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { mkdirSync, writeFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

const source = fileURLToPath(new URL('../src', import.meta.url))
const folder = fileURLToPath(new URL('../.test/', import.meta.url))
const files: string[] = []
let count = 0
afterAll(() => files.splice(0).forEach((file) => rmSync(file, { force: true })))

/** A script in TypeScript, from the place of the sources, as a file that any Node can run. It stands where dist would. */
export async function nodeScript(contents: string): Promise<string> {
  const file = `${folder}${process.pid}-${count++}.mjs`
  const { outputFiles } = await build({ stdin: { contents, resolveDir: source, loader: 'ts' }, bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20', external: ['koffi'], conditions: ['@ctr/source'] })
  mkdirSync(folder, { recursive: true })
  files.push(file)
  writeFileSync(file, outputFiles[0]!.contents)
  return file
}

/** A Node process that runs a script: its output by lines, as they come. */
export async function node(contents: string, { wrap = [], ...options }: SpawnOptions & { readonly wrap?: readonly string[] } = {}) {
  const [command = process.execPath, ...args] = [...wrap, process.execPath, await nodeScript(contents)]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  return { child, lines: lines(child), ended: new Promise<number | string | null>((resolve) => child.on('close', (code, signal) => resolve(signal ?? code))) }
}

async function* lines(child: ChildProcess): AsyncGenerator<string, void> {
  let rest = ''
  for await (const chunk of child.stdout ?? []) {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop()!
    yield* parts
  }
  if (rest !== '') yield rest
}

/** The next line; fails where there is none. */
export async function next(from: AsyncGenerator<string, void>): Promise<string> {
  const { value } = await from.next()
  if (value === undefined) throw new Error('The script has printed nothing more')
  return value
}

/** Every line there is still to come. */
export async function all(from: AsyncGenerator<string, void>): Promise<string[]> {
  const found: string[] = []
  for await (const line of from) found.push(line)
  return found
}
