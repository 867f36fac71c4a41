import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { text } from './inside.ts'

const source = fileURLToPath(new URL('../src', import.meta.url))
const esbuild = createRequire(import.meta.url).resolve('esbuild/bin/esbuild')
// Below node_modules, where koffi is found from.
const folder = fileURLToPath(new URL('../node_modules/.ctr-test/', import.meta.url))

/**
 * A Node process of its own that uses the library, started by a shell that has set it up.
 *
 * @param contents TypeScript, standing in src
 * @param shell what bash does before it executes Node
 * @returns what it printed
 */
export async function caller(contents: string, { shell = '', env = process.env }: { readonly shell?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  // Not its API: that keeps a process of its own, which would look like one that was left behind.
  const code = execFileSync(esbuild, ['--bundle', '--format=esm', '--platform=node', '--target=node20', '--external:koffi', '--conditions=@ctr/source', '--loader=ts', '--log-level=error'], { cwd: source, input: contents })
  const file = `${folder}${process.pid}.mjs`
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, code)
  try {
    const child = spawn('bash', ['-c', `${shell}\nexec "$@"`, 'bash', 'env', process.execPath, file], { stdio: ['ignore', 'pipe', 'pipe'], env })
    const ended = new Promise<number | string | null>((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)))
    const [stdout, stderr, exit] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    if (exit !== 0 || stderr !== '') throw new Error(`The caller has ended with ${exit}: ${stderr}`)
    return stdout
  } finally {
    rmSync(file)
  }
}
