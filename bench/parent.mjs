#!/usr/bin/env node
import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

/** Medians of run() and of child_process.spawn in a Node process that has this many MB resident. */
export function inParentOf(megabytes, n) {
  return JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), String(megabytes), String(n)], { encoding: 'utf8' }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { run } = await import('../apps/runner/dist/index.js')
  const ballast = Buffer.alloc(Number(process.argv[2]) * 2 ** 20, 1)
  const config = { rootfs: 'host', args: ['/bin/true'] }
  const times = { run: [], spawn: [] }
  const timed = async (into, work) => { const start = performance.now(); await work(); into.push(performance.now() - start) }
  for (let i = 0; i < 5; i++) await run(config, { stdio: 'ignore' })
  for (let i = 0; i < Number(process.argv[3]); i++) {
    await timed(times.run, () => run(config, { stdio: 'ignore' }))
    await timed(times.spawn, () => new Promise((resolve) => spawn('/bin/true', { stdio: 'ignore' }).on('exit', resolve)))
  }
  console.log(JSON.stringify({ residentMB: Math.round(process.memoryUsage().rss / 2 ** 20), ballast: ballast[0], run: median(times.run), spawn: median(times.spawn) }))
}
