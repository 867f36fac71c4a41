#!/usr/bin/env node
/**
 * How long it takes to start a container, run /bin/true in it and be told how it ended: in this process, against the same kernel calls
 * in C, spawning a plain process, and other runtimes where they are installed. All in one run, in turn; medians.
 *
 *     node bench/start.mjs [--rounds 10] [--json]
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { container, containerPlan, readFacts, run } from '../apps/runner/dist/index.js'
import { assemble } from '../packages/launch/dist/index.js'
import { cLoop } from './c-loop.mjs'
import { bundle, installed } from './peers.mjs'
import { inParentOf } from './parent.mjs'

const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : Number(process.argv[i + 1]) }
const rounds = option('rounds', 10)
const each = 20
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(values.length * q)]

const config = { rootfs: 'host', args: ['/bin/true'] }
const timed = async (work, n = each) => { const out = []; for (let i = 0; i < n; i++) { const start = performance.now(); await work(); out.push(performance.now() - start) } return out }

const name = 'bench-c'
const planned = container({ ...config, name }, readFacts(config, `/run/ctrun/${name}/root`))
// The watching side removes what we remove ourselves; in the loop it is only told to go.
const plan = containerPlan(planned)
mkdirSync('/run/ctrun', { recursive: true })
const loop = cLoop({ plan, directories: planned.group.places.map((place) => place.directory), state: `/run/ctrun/${name}` })
const scratch = mkdtempSync(join(tmpdir(), 'ctr-bench-'))

const contenders = {
  'run() in process': () => timed(() => run(config, { stdio: 'ignore' })),
  'the same calls in a C loop': () => loop.run(each),
  'child_process.spawn /bin/true': () => timed(() => new Promise((resolve) => spawn('/bin/true', { stdio: 'ignore' }).on('exit', resolve))),
}
for (const runtime of ['runc', 'crun']) {
  if (!installed(runtime)) continue
  const directory = bundle(join(scratch, runtime))
  let i = 0
  const once = () => spawnSync(runtime, ['run', '--bundle', directory, `ctr-bench-${process.pid}-${i++}`], { stdio: 'ignore' }).status
  if (once() === 0) contenders[`${runtime} run`] = () => timed(once, 5)
  else console.error(`${runtime} is installed and cannot run a container here`)
}
if (installed('bwrap')) contenders['bwrap, six namespaces'] = () => timed(() => spawnSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '/bin/true'], { stdio: 'ignore' }), 10)

const results = Object.fromEntries(Object.keys(contenders).map((key) => [key, []]))
for (const warm of Object.values(contenders)) await warm()
for (let round = 0; round < rounds; round++) for (const [key, measure] of Object.entries(contenders)) results[key].push(...(await measure()))

// The same in a parent that has a gigabyte: fork copies its page tables, posix_spawn does not.
const large = inParentOf(1024, Math.max(20, rounds * 4))
const assembling = await timed(() => assemble(plan, process.arch), 200)
const own = median(results['run() in process'])
const report = {
  milliseconds: Object.fromEntries(Object.entries(results).map(([key, values]) => [key, { median: median(values), p10: quantile(values, 0.1), p90: quantile(values, 0.9), runs: values.length }])),
  inParentOf1GB: large,
  assembleMilliseconds: median(assembling),
  calls: plan.program.length,
  ratios: {
    'run() / C loop': own / median(results['the same calls in a C loop']),
    'run() / spawn in a 1 GB parent': large.run / large.spawn,
    ...Object.fromEntries(['crun run', 'runc run', 'bwrap, six namespaces'].filter((key) => key in results).map((key) => [`${key} / run()`, median(results[key]) / own])),
  },
}
loop[Symbol.dispose]()
rmSync(scratch, { recursive: true })
if (process.argv.includes('--json')) console.log(JSON.stringify(report, null, 2))
else {
  for (const [key, { median, p10, p90 }] of Object.entries(report.milliseconds)) console.log(`${key.padEnd(34)} ${median.toFixed(2).padStart(8)} ms   (${p10.toFixed(2)} to ${p90.toFixed(2)})`)
  console.log(`\nin a parent of 1 GB: run() ${large.run.toFixed(2)} ms, child_process.spawn ${large.spawn.toFixed(2)} ms`)
  console.log(`assembling ${report.calls} calls: ${report.assembleMilliseconds.toFixed(3)} ms\n`)
  for (const [key, ratio] of Object.entries(report.ratios)) console.log(`${key.padEnd(34)} ${ratio.toFixed(2)}`)
}
