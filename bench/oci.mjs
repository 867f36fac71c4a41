#!/usr/bin/env node
/**
 * How long the runtime command takes, as a whole process: beside `node -e 0` what is only asked, and beside runc and crun, where they are
 * installed, what makes a container. All in one run, in turn; medians, of ratios too: each of the two numbers of one round, as the machine was then.
 *
 *     node bench/oci.mjs [--node PATH] [--rounds 20] [--json]      --node: the Node that runs ctrun-oci; this one by default
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, installed } from './peers.mjs'

const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : process.argv[i + 1] }
const node = option('node', process.execPath)
const rounds = Number(option('rounds', 20))
const scratch = mkdtempSync(join(tmpdir(), 'ctr-bench-oci-'))
// Where runtimes have it if nobody says otherwise: in memory.
const state = mkdtempSync('/run/ctr-bench-oci-')
const script = fileURLToPath(new URL('../apps/runner/bin/ctrun-oci.cjs', import.meta.url))
const directory = bundle(join(scratch, 'bundle'), ['/bin/true', '/bin/sleep'])
const waiting = bundle(join(scratch, 'waiting'), ['/bin/true', '/bin/sleep'], ['/bin/sleep', '1000'])
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

const runtimes = { 'ctrun-oci': [node, script], ...Object.fromEntries(['runc', 'crun'].filter(installed).map((name) => [name, [name]])) }
const made = []
const call = (name, ...args) => {
  const [command, ...first] = runtimes[name]
  // What is created waits with our descriptors: no pipe that would have to end.
  return spawnSync(command, [...first, '--root', join(state, name), ...args], { stdio: ['ignore', 'ignore', args[0] === 'create' ? 'ignore' : 'pipe'], encoding: 'utf8' })
}
const must = (name, ...args) => {
  const { status, stderr } = call(name, ...args)
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: status ${status} ${stderr ?? ''}`)
}
/** A container whose command waits, for those that are asked about it. What waits holds no pipe of ours. */
const start = (name, id) => new Promise((resolve, reject) => {
  const [command, ...first] = runtimes[name]
  spawn(command, [...first, '--root', join(state, name), 'run', '--detach', '--bundle', waiting, id], { stdio: 'ignore' }).on('error', reject).on('close', (status) => (status === 0 ? resolve() : reject(new Error(`${name} run --detach: status ${status}`))))
})

const timed = (work) => { const begin = performance.now(); work(); return performance.now() - begin }
const contenders = { 'node -e 0': () => timed(() => spawnSync(node, ['-e', '0'], { stdio: 'ignore' })) }
let count = 0
const id = `ctr-bench-${process.pid}`
async function contend(name) {
  must(name, 'run', '--bundle', directory, `${id}-${count++}`)
  await start(name, id)
  made.push(name)
  contenders[`${name} state`] = () => timed(() => must(name, 'state', id))
  // No process minds SIGWINCH.
  contenders[`${name} kill`] = () => timed(() => must(name, 'kill', id, 'WINCH'))
  contenders[`${name} run`] = () => timed(() => must(name, 'run', '--bundle', directory, `${id}-${count++}`))
  contenders[`${name} delete`] = () => {
    const other = `${id}-${count++}`
    must(name, 'create', '--bundle', directory, other)
    return timed(() => must(name, 'delete', '--force', other))
  }
}

try {
  for (const name of Object.keys(runtimes)) await contend(name).catch((error) => { console.error(`${name} is left out: ${error.message.trim()}`) })
  const times = Object.fromEntries(Object.keys(contenders).map((key) => [key, []]))
  for (let round = -1; round < rounds; round++) for (const [key, measure] of Object.entries(contenders)) { const taken = measure(); if (round >= 0) times[key].push(taken) }
  const milliseconds = Object.fromEntries(Object.entries(times).map(([key, values]) => [key, median(values)]))
  const ratio = (a, b) => median(times[a].map((value, round) => value / times[b][round]))
  const ratios = {
    ...Object.fromEntries(['state', 'kill', 'delete'].map((command) => [`ctrun-oci ${command} / node -e 0`, ratio(`ctrun-oci ${command}`, 'node -e 0')])),
    ...Object.fromEntries(['runc', 'crun'].filter((name) => made.includes(name)).map((name) => [`ctrun-oci run / ${name} run`, ratio('ctrun-oci run', `${name} run`)])),
  }
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  if (process.argv.includes('--json')) console.log(JSON.stringify({ node: version, milliseconds, ratios }, null, 2))
  else {
    console.log(`Node ${version}, ${rounds} rounds, medians`)
    for (const [key, value] of Object.entries(milliseconds)) console.log(`${key.padEnd(34)} ${value.toFixed(1).padStart(8)} ms`)
    console.log()
    for (const [key, ratio] of Object.entries(ratios)) console.log(`${key.padEnd(34)} ${ratio.toFixed(2)}`)
  }
} finally {
  for (const name of made) call(name, 'delete', '--force', id)
  for (const directory of [scratch, state]) rmSync(directory, { recursive: true, force: true })
}
