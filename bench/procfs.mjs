#!/usr/bin/env node
/**
 * How long a table of all processes takes: stat, status and cmdline of each, against npm packages that make one and against ps. The
 * packages are installed into a temporary directory. `files` reads the same files and looks at nothing: what no reader can go below.
 * All in one process, in turn; medians, for several numbers of processes. `processor` is the processor time of this process alone, which
 * says more on a busy machine, and nothing about what ps does in its own; `kernel` is the part of it that was spent in system calls.
 *
 *     node bench/procfs.mjs [--processes 100,1000,2000,10000] [--rounds 15] [--only '@ctr/procfs,files'] [--json]
 */
import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { procfs } from '../packages/procfs/dist/index.js'
import { crowd } from './crowd.mjs'
import { npmPeers } from './peers.mjs'

const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : process.argv[i + 1] }
const counts = option('processes', '100,1000,2000,10000').split(',').map(Number)
const rounds = Number(option('rounds', 15))
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(values.length * q)]

const scratch = mkdtempSync(join(tmpdir(), 'ctr-bench-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const require = npmPeers(scratch, ['@stroncium/procfs@1.2.1', 'systeminformation@5.33.23', 'ps-list@9.0.0'])
const { procfs: stroncium } = require('@stroncium/procfs')
const systeminformation = require('systeminformation')
const { default: psList } = await import(pathToFileURL(join(scratch, 'node_modules/ps-list/index.js')).href)

const proc = procfs()
const FILES = ['stat', 'status', 'cmdline']
const buffer = Buffer.allocUnsafeSlow(65_536)

/** Opens, reads and closes each file, with one buffer for all. */
function files() {
  let read = 0
  for (const name of readdirSync('/proc')) {
    if (!(name > '0' && name < ':')) continue
    for (const file of FILES) {
      let fd
      try { fd = openSync(`/proc/${name}/${file}`, 'r') } catch { continue }
      try { read += readSync(fd, buffer, 0, buffer.length, null) } catch { /* it has ended */ } finally { closeSync(fd) }
    }
  }
  return read
}

const all = {
  '@ctr/procfs': () => proc.processes((process) => ({ stat: process.stat(), status: process.status(), cmdline: process.cmdline() })),
  '@ctr/procfs stat alone': () => proc.processes(),
  '@ctr/procfs promises': () => proc.promises.processes(async (process) => ({ stat: await process.stat(), status: await process.status(), cmdline: await process.cmdline() })),
  '@stroncium/procfs': () => stroncium.processes().flatMap((pid) => {
    try { return [{ stat: stroncium.processStat(pid), status: stroncium.processStatus(pid), cmdline: stroncium.processCmdline(pid) }] } catch { return [] }
  }),
  'systeminformation.processes()': () => systeminformation.processes(),
  'ps-list': () => psList(),
  'ps -e not parsed': () => promisify(execFile)('ps', ['-eo', 'pid,ppid,pgid,sid,stat,pcpu,pmem,uid,lstart,comm,args'], { maxBuffer: 2 ** 28 }),
  'files': files,
}
const only = option('only', Object.keys(all).join()).split(',')
const contenders = Object.fromEntries(Object.entries(all).filter(([name]) => only.includes(name)))

const reports = []
for (const count of counts) {
  const end = await crowd(count)
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  try {
    for (const work of Object.values(contenders)) await work()
    for (let round = 0; round < rounds; round++) {
      for (const [name, work] of Object.entries(contenders)) {
        const before = process.cpuUsage()
        const start = performance.now()
        await work()
        const took = performance.now() - start
        const { user, system } = process.cpuUsage(before)
        times[name].push({ took, processor: (user + system) / 1000, kernel: system / 1000 })
      }
    }
    reports.push({
      processes: proc.pids().length,
      milliseconds: Object.fromEntries(Object.entries(times).map(([name, values]) => {
        const [took, processor, kernel] = ['took', 'processor', 'kernel'].map((each) => values.map((value) => value[each]))
        return [name, { median: quantile(took, 0.5), p10: quantile(took, 0.1), p90: quantile(took, 0.9), processor: quantile(processor, 0.5), kernel: quantile(kernel, 0.5) }]
      })),
    })
  } finally {
    await end()
  }
}

if (process.argv.includes('--json')) console.log(JSON.stringify({ node: process.version, reports }, null, 2))
else {
  for (const { processes, milliseconds } of reports) {
    console.log(`${processes} processes`)
    for (const [name, { median, p10, p90, processor, kernel }] of Object.entries(milliseconds)) {
      const range = `(${p10.toFixed(1)} to ${p90.toFixed(1)})`
      console.log(`  ${name.padEnd(30)} ${median.toFixed(1).padStart(8)} ms ${range.padEnd(20)} processor ${processor.toFixed(1).padStart(8)} ms, ${(1000 * processor / processes).toFixed(1).padStart(6)} µs a process, kernel ${(1000 * kernel / processes).toFixed(1).padStart(5)} µs`)
    }
  }
}
