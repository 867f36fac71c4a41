import { spawn, type SpawnOptions } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { bundle } from './bundle.ts'

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

let built: Promise<string> | undefined
let count = 0

/** The script of the command, built once for each test file. */
export const script = (): Promise<string> => (built ??= bundle())

/** A name for a container that no other test has. */
export const uniqueName = (): string => `cli-${process.pid}-${count++}`

/** Runs `ctrun` to its end. */
export async function ctrun(args: readonly string[], { input, ...options }: SpawnOptions & { readonly input?: string | Buffer } = {}): Promise<Finished> {
  return finished(spawn(process.execPath, [await script(), ...args], { env: plainEnvironment(), ...options, stdio: ['pipe', 'pipe', 'pipe'] }), input)
}

/** Nothing that would change what is printed. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NO_COLOR: _, FORCE_COLOR: __, CTRUN_DEBUG: ___, ...rest } = process.env
  return rest
}

export function finished(child: ReturnType<typeof spawn>, input?: string | Buffer): Promise<Finished> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }))
  })
}

/** In the guest, whose processor is emulated, everything takes longer. */
export const patience = process.env['CTR_GUEST'] === undefined ? 1 : 10

/** Waits until something is so. */
export async function until<T>(look: () => T | Promise<T>, what: string, millis = 20_000 * patience): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + millis; ;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`Not within ${millis} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The host PID of a container's PID 1, once it runs. */
export async function pidOf(name: string): Promise<number> {
  const text = await until(async () => (await ctrun(['inspect', '-f', '{{.State.Status}} {{.State.Pid}}', name])).stdout.match(/^running (\d+)/)?.[1], `${name} runs`)
  return Number(text)
}

/** Whatever of a container is still there: mounts, cgroups, state, processes. */
export function remains(name: string): string[] {
  const found: string[] = []
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) if (line.includes(name)) found.push(`mount ${line}`)
  for (const mountpoint of ['', ...names('/sys/fs/cgroup')]) for (const group of names(`/sys/fs/cgroup/${mountpoint}`)) if (group.includes(name)) found.push(`cgroup ${mountpoint}/${group}`)
  for (const entry of names('/run/ctrun')) if (entry.includes(name)) found.push(`state ${entry}`)
  for (const pid of names('/proc').filter((each) => /^\d+$/.test(each))) if (text(`/proc/${pid}/cgroup`).includes(name)) found.push(`process ${pid} ${text(`/proc/${pid}/cmdline`)}`)
  return found
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
