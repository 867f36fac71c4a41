#!/usr/bin/env node
// specification [--runtime PATH]… [--only WORDS]
//
// What the OCI runtime specification says, sentence by sentence where it can be seen, with runc, crun and our runtime: as a table. Ours has
// to do what the specification says, and where that leaves it open, what runc does.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { setupOrExit } from '../../scripts/setup.mjs'
import { makeRoot } from '../engines/image.mjs'
import { sandbox } from '../engines/sandbox.mjs'
import { scenarios as lifecycle } from './lifecycle.mjs'
import { scenarios as networkDevices } from './network-devices.mjs'
import { scenarios as properties } from './properties.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const { values } = parseArgs({ options: { runtime: { type: 'string', multiple: true }, only: { type: 'string' } } })
const installed = (name) => [`/usr/sbin/${name}`, `/usr/bin/${name}`].find(existsSync)
const reference = installed('runc')
if (reference === undefined) throw new Error('runc is not installed: without it nothing tells what is right where the specification does not')
if (!values.runtime) await setupOrExit()
const tested = values.runtime ?? [here('../../apps/runner/bin/ctrun-oci.cjs')]
const rivals = [reference, installed('crun')].filter((path) => path !== undefined)

const expected = new Map([...lifecycle, ...properties, ...networkDevices].flatMap(({ section, name, ...rest }) => ('expected' in rest ? [[`${section}: ${name}`, rest.expected]] : [])))
const show = (value) => JSON.stringify(value, null, 1)?.replace(/\n\s*/g, ' ')
const label = (path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.mjs$/, '')

const directory = mkdtempSync(`${tmpdir()}/ctr-specification-`)
// The root of a user namespace is nobody special here, and has to get through.
chmodSync(directory, 0o755)
const table = new Map()
try {
  makeRoot(`${directory}/rootfs`)
  for (const path of [...rivals, ...tested]) {
    const file = `${directory}/results`
    rmSync(file, { force: true })
    // crun does not run where there are hierarchies of both versions.
    await sandbox(['sh', '-c', 'exec "$@" > "$0"', file, process.execPath, here('inside.mjs'), path, `${directory}/rootfs`, ...(values.only ? [values.only] : [])], { files: [directory], unified: label(path) !== 'crun' }).ended
    for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []) {
      const { name, ...saw } = JSON.parse(line)
      if (!table.has(name)) table.set(name, new Map())
      table.get(name).set(path, saw)
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}

let [passed, failed] = [0, 0]
const all = [...rivals, ...tested]
console.log(`${all.map((path) => label(path).padEnd(10)).join('')}what`)
for (const [name, row] of table) {
  const right = expected.has(name) ? expected.get(name) : row.get(reference)?.seen
  const good = (path) => row.get(path) !== undefined && row.get(path).error === undefined && isDeepStrictEqual(row.get(path).seen, right)
  console.log(`${all.map((path) => (good(path) ? 'ok' : 'no').padEnd(10)).join('')}${name}`)
  for (const path of all) if (!good(path)) console.log(`    ${label(path)}: ${row.get(path)?.error ?? show(row.get(path)?.seen)}\n    not ${show(right)}`)
  for (const path of tested) good(path) ? passed++ : failed++
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
