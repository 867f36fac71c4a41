#!/usr/bin/env node
/**
 * What starting a plain process costs in a Node of a certain size: for how long the event loop is blocked, and how long it is from the call to
 * 'exit'. `@ctr/launch/spawn` against `node:child_process`, in turn, in a process of its own for each size; medians in milliseconds.
 *
 *     node bench/launch.mjs [--runs 40] [--json]
 *     chrt -r 10 node bench/launch.mjs        where others are busy on the machine
 */
import { execFileSync, spawn as nodeSpawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(import.meta.url)
const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : Number(process.argv[i + 1]) }
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const sizes = [0, 256, 1024, 2048]

if (process.argv.includes('--inside')) {
  const { spawn } = await import('../packages/launch/dist/spawn.js')
  const ballast = Buffer.alloc(option('inside', 0) * 2 ** 20, 1)
  const ways = { 'child_process': nodeSpawn, '@ctr/launch/spawn': spawn }
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, { blocked: [], exit: [] }]))
  for (let i = -5; i < option('runs', 40); i++) for (const [name, start] of Object.entries(ways)) {
    const begin = performance.now()
    const child = start('/bin/true', [], { stdio: 'ignore' })
    const blocked = performance.now() - begin
    await new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject))
    if (i < 0) continue
    times[name].blocked.push(blocked)
    times[name].exit.push(performance.now() - begin)
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, { blocked, exit }]) => [name, { blocked: median(blocked), exit: median(exit) }]))
  console.log(JSON.stringify({ residentMB: Math.round(process.memoryUsage().rss / 2 ** 20), ballast: ballast[0], ...medians }))
} else {
  const report = sizes.map((megabytes) => JSON.parse(execFileSync(process.execPath, [file, '--inside', String(megabytes), '--runs', String(option('runs', 40))], { encoding: 'utf8' })))
  if (process.argv.includes('--json')) console.log(JSON.stringify(report, null, 2))
  else {
    console.log('resident     blocked by child_process   by @ctr/launch/spawn      to its exit: child_process   @ctr/launch/spawn')
    for (const { residentMB, child_process: theirs, '@ctr/launch/spawn': ours } of report) {
      console.log(`${`${residentMB} MB`.padEnd(12)} ${[theirs.blocked, ours.blocked, theirs.exit, ours.exit].map((value, i) => `${value.toFixed(2)} ms`.padStart([20, 22, 27, 20][i])).join('')}`)
    }
  }
}
