// How commands are run here: to their end, within a deadline, with what they print.
import { spawn } from 'node:child_process'
import { patience } from './until.mjs'

/** @returns {Promise<{ status: number | string, stdout: string, stderr: string }>} status: 'late' when it had to be killed */
export function command(argv, { input, stdin = input === undefined ? 'ignore' : 'pipe', output = 'pipe', timeout = 60_000 * patience } = {}) {
  const child = spawn(argv[0], argv.slice(1), { stdio: [stdin, output, output] })
  const chunks = { stdout: [], stderr: [] }
  for (const name of ['stdout', 'stderr']) child[name]?.on('data', (chunk) => chunks[name].push(chunk))
  child.stdin?.on('error', () => {})
  if (input !== undefined) child.stdin.end(input)
  return new Promise((resolve, reject) => {
    let late = false
    const deadline = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeout)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(deadline)
      const text = (name) => Buffer.concat(chunks[name]).toString('latin1')
      resolve({ status: late ? 'late' : signal ?? code, stdout: text('stdout'), stderr: text('stderr') })
    })
  })
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`

/** The same with a terminal of 80 columns and 24 rows, whose carriage returns are left out. */
export async function onTerminal(argv, options) {
  // At the end of its own stdin, script types an end of file; this one stays open.
  const { stdout, ...rest } = await command(['script', '-qec', `stty cols 80 rows 24; ${argv.map(quote).join(' ')}`, '/dev/null'], { ...options, stdin: 'pipe' })
  return { ...rest, stdout: stdout.replaceAll('\r', '') }
}

/** Starts a daemon whose output is shown only if it does not become ready. */
export async function daemon(argv, ready, { timeout = 60_000 * patience } = {}) {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log = (log + chunk).slice(-20_000)))
  let ended = false
  const end = new Promise((resolve) => child.on('close', () => resolve((ended = true))))
  const stop = async () => {
    child.kill('SIGTERM')
    const killed = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await end
    clearTimeout(killed)
  }
  for (const start = Date.now(); Date.now() - start < timeout && !ended; await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (await ready()) return { stop, log: () => log }
  }
  await stop()
  throw new Error(`${argv[0]} is not ready:\n${log}`)
}
