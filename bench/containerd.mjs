#!/usr/bin/env node
/**
 * How long containerd takes to create, start and delete containers of /bin/true with ctrun-oci in the place of runc, and with runc: in turn, in
 * one containerd, in namespaces of its own (conformance/engines). Of either the whole command is measured: what containerd, its shim and
 * `ctr` do is in both.
 *
 *     node bench/containerd.mjs [--node PATH] [--containers 100] [--json]      --node: the Node that runs ctrun-oci; this one by default
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { image, makeImage } from '../conformance/engines/image.mjs'
import { sandbox } from '../conformance/engines/sandbox.mjs'

const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : process.argv[i + 1] }
const archive = option('inside')
const containers = Number(option('containers', 100))
const runtimes = { 'ctrun-oci': fileURLToPath(new URL('../apps/runner/bin/ctrun-oci.cjs', import.meta.url)), runc: '/usr/sbin/runc' }
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** Milliseconds of each container, by runtime. */
async function measure() {
  const { start } = await import('../conformance/engines/engine-containerd.mjs')
  const engine = await start({ archive })
  const times = Object.fromEntries(Object.keys(runtimes).map((name) => [name, []]))
  // The first of each is not counted: nothing has been read from the disk, and ctrun-oci not compiled.
  for (let i = -1; i < containers; i++) for (const [name, runtime] of Object.entries(runtimes)) {
    const begin = performance.now()
    const { status, stderr } = await engine.cli(['run', '--rm', '--runc-binary', runtime, image, `bench-${name}-${i + 1}`, '/bin/true'])
    if (status !== 0) throw new Error(`ctr run with ${name}: status ${status} ${stderr}`)
    if (i >= 0) times[name].push(performance.now() - begin)
  }
  await engine.stop()
  return times
}

if (archive !== undefined) console.log(JSON.stringify(await measure()))
else {
  const directory = mkdtempSync(`${tmpdir()}/ctr-bench-containerd-`)
  try {
    const node = option('node', process.execPath)
    // The runtime is started by its name alone, and finds its Node as it would on any machine.
    process.env.PATH = `${dirname(node)}:${process.env.PATH}`
    const inside = [process.execPath, fileURLToPath(import.meta.url), '--inside', makeImage(directory), '--containers', String(containers)]
    const status = await sandbox(['sh', '-c', 'exec "$@" > "$0"', `${directory}/times`, ...inside], { files: [directory] }).ended
    if (status !== 0) throw new Error(`status ${status}`)
    const times = JSON.parse(readFileSync(`${directory}/times`, 'utf8'))
    const seconds = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, values.reduce((sum, value) => sum + value, 0) / 1000]))
    const milliseconds = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))
    const ratio = seconds['ctrun-oci'] / seconds.runc
    if (process.argv.includes('--json')) console.log(JSON.stringify({ containers, seconds, milliseconds, ratio }, null, 2))
    else {
      for (const name of Object.keys(runtimes)) console.log(`${name.padEnd(12)} ${seconds[name].toFixed(2).padStart(8)} s for ${containers}   ${milliseconds[name].toFixed(0).padStart(6)} ms, median`)
      console.log(`${'ratio'.padEnd(12)} ${ratio.toFixed(2).padStart(8)}`)
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
