#!/usr/bin/env node
/**
 * How long it takes to learn the limits that bind this process, and the statistics of many groups. Medians; needs root for the groups.
 *
 *     node bench/cgroup.mjs [--groups 1000] [--rounds 15] [--json]
 */
import { child, cgroups, create, deleteGroup, effectiveLimits, group, stat } from '../packages/cgroup/dist/index.js'

const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : Number(process.argv[i + 1]) }
const rounds = option('rounds', 15)
const many = option('groups', 1000)
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
const timed = (times, work) => median(Array.from({ length: times }, () => { const start = performance.now(); work(); return performance.now() - start }))

const results = {}
const first = performance.now()
effectiveLimits()
results['effectiveLimits(), first call'] = performance.now() - first
results['effectiveLimits()'] = timed(200, () => effectiveLimits())

if (process.getuid?.() === 0) {
  const layout = cgroups()
  const parent = create(group(layout, `/ctr-bench-${process.pid}`))
  try {
    const groups = Array.from({ length: many }, (_, index) => create(child(parent, String(index)), { limits: { pidsMax: 10 } }))
    for (const parts of [['memory', 'cpu', 'pids'], ['memory'], ['cpu'], ['pids'], ['io'], ['pressure']]) {
      results[`stat of ${many} groups: ${parts.join(', ')}`] = timed(rounds, () => { for (const each of groups) stat(each, parts) })
    }
  } finally {
    await deleteGroup(parent, { timeoutMillis: 10_000 })
  }
} else console.error('not root: no groups are made')

if (process.argv.includes('--json')) console.log(JSON.stringify({ unit: 'ms', node: process.version, rounds, results }))
else for (const [name, millis] of Object.entries(results)) console.log(`${name.padEnd(52)} ${millis.toFixed(2).padStart(9)} ms`)
