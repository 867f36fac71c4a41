#!/usr/bin/env node
// engines [--systemd] [--runtime PATH]… [--root SUITE] [--only WORDS] [ENGINE…]
//
// The engines that people use (docker, podman with and without root, buildah, containerd, also as Kubernetes speaks to it, and three dockers that are a swarm), each with our runtime in the place of runc.
// With --systemd, systemd is PID 1 there, and makes the groups. Every scenario is done with runc as well: that is how it is known to be right. Prints a line a scenario, and at the end `N passed, N failed, N skipped`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { setupOrExit } from '../../scripts/setup.mjs'
import { verdicts, verdictsOnReference } from './compare.mjs'
import { debianRoot } from './debian-root.mjs'
import { hierarchies, removeAbandoned } from './groups.mjs'
import { makeImage } from './image.mjs'
import { things } from './leftovers.mjs'
import { sandbox } from './sandbox.mjs'
import { scenariosOf } from './scenarios-of.mjs'
import { until } from './until.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runtime: { type: 'string', multiple: true }, only: { type: 'string' }, systemd: { type: 'boolean' }, root: { type: 'string' } } })
/** Version 1 is not lent to users: without root there is no systemd driver on it. */
const ofSystemd = ['docker', 'podman', 'cri', ...(hierarchies().some(({ type }) => type === 'cgroup') ? [] : ['podman-rootless'])]
const engines = values.systemd ? ofSystemd : ['docker', 'podman', 'podman-rootless', 'buildah', 'containerd', 'cri', 'swarm']
for (const name of positionals) if (!engines.includes(name)) throw new Error(`There is no engine ${name}${values.systemd ? ' with groups of systemd here' : ''}: ${engines.join(', ')}`)

if (!values.runtime) await setupOrExit()
const groups = values.systemd ? 'systemd' : 'cgroupfs'
const runtimes = values.runtime ?? [fileURLToPath(new URL('../../apps/runner/bin/ctrun-oci.cjs', import.meta.url))]
const root = values.root === undefined ? '/' : debianRoot(values.root)
const reference = ['/usr/sbin/runc', '/usr/bin/runc'].find((path) => existsSync(`${root}${path}`))
if (reference === undefined) throw new Error('runc is not installed: without it nothing tells what is right')

removeAbandoned()
const before = things()
const directory = mkdtempSync(`${tmpdir()}/ctr-engines-`)
let [passed, failed] = [0, 0]
const count = ({ ok, name, why }) => {
  ok ? passed++ : failed++
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}${ok ? '' : `\n  ${why.replaceAll('\n', '\n  ')}`}`)
}

let free = availableParallelism()
const waiting = []
/** As many at once as there are processors, in the order in which they were asked for. */
async function inTurn(action) {
  if (free > 0) free--
  else await new Promise((resolve) => waiting.push(resolve))
  try {
    return await action()
  } finally {
    waiting.length > 0 ? waiting.shift()() : free++
  }
}

let interrupted = false
const running = new Set()
async function endAll() {
  interrupted = true
  for (const { kill } of running) kill()
  await Promise.allSettled([...running].map(({ ended }) => ended))
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, endAll)

let results = 0
const archive = makeImage(directory)
/** @returns {Promise<import('./compare.mjs').Results>} */
const see = (engine, runtime) => inTurn(async () => {
  if (interrupted) return { status: 'interrupted', lines: [] }
  const file = `${directory}/results-${++results}`
  const inside = [process.execPath, fileURLToPath(new URL('inside.mjs', import.meta.url)), engine, runtime, archive, groups, ...(values.only ? [values.only] : [])]
  // crun does not run where version 2 has no controllers because version 1 has them.
  const started = sandbox(['sh', '-c', `exec "$@" > "$0"${values.systemd ? ' 2> "$0.errors"' : ''}`, file, ...inside], { root, files: [directory], systemd: values.systemd, unified: !/crun$/.test(runtime) })
  running.add(started)
  const status = await started.ended
  running.delete(started)
  if (values.systemd && existsSync(`${file}.errors`)) process.stderr.write(readFileSync(`${file}.errors`))
  return { status, lines: existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : [] }
})

try {
  const all = (positionals.length > 0 ? positionals : engines).map((engine) => ({ engine, others: runtimes.map((runtime) => [runtime, see(engine, runtime)]), base: see(engine, reference) }))
  for (const { engine, others, base } of all) {
    const scenarios = (await scenariosOf(engine, groups)).filter(({ name }) => name.includes(values.only ?? ''))
    verdictsOnReference(`${engine}, runc`, scenarios, await base).forEach(count)
    for (const [runtime, seen] of others) verdicts(`${engine}, ${runtime.slice(runtime.lastIndexOf('/') + 1).replace(/\.[cm]js$/, '')}`, scenarios, await base, await seen).forEach(count)
  }
} finally {
  await endAll()
  rmSync(directory, { recursive: true, force: true })
}
// Processes that have ended are there until somebody has asked how.
const left = await until(async () => [...things()].filter((thing) => !before.has(thing)).join('\n'), '')
count({ ok: left === '', name: 'nothing is left on the machine', why: left })
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 ? 1 : 0
