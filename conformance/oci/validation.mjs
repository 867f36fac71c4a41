#!/usr/bin/env node
// validation [--suite DIRECTORY] [--runtime PATH] [--only TEST]…
//
// The programs of a validation suite, each of which drives the runtime in $RUNTIME and prints what it saw as TAP, with runc, crun and our runtime:
// as a table. Ours has to pass every assertion that one of the others passes on this machine; what it need not is in validation.json, with the
// sentence of the specification that says so. The suite is built from Debian's source, if no directory is given: a checkout of
// opencontainers/runtime-tools in which it has been built.
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { setupOrExit } from '../../scripts/setup.mjs'
import { sandbox } from '../engines/sandbox.mjs'
import { NoSourceError, validationSuite } from './suite.mjs'
import { behind, readTap } from './tap.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const { values } = parseArgs({ options: { suite: { type: 'string' }, runtime: { type: 'string' }, only: { type: 'string', multiple: true } } })
const suite = realpathSync(values.suite ?? built())
const tests = readdirSync(`${suite}/validation`).filter((name) => existsSync(`${suite}/validation/${name}/${name}.t`) && (values.only?.includes(name) ?? true)).sort()
if (tests.length === 0) throw new Error(`${suite}/validation has no program NAME/NAME.t: build the suite there first`)

const installed = (name) => [`/usr/sbin/${name}`, `/usr/bin/${name}`].find(existsSync)
const rivals = ['runc', 'crun'].map(installed).filter((path) => path !== undefined)
if (rivals.length === 0) throw new Error('neither runc nor crun is installed: without them nothing tells what can be passed on this machine')
if (!values.runtime) await setupOrExit()
const ours = values.runtime ?? here('../../apps/runner/bin/ctrun-oci.cjs')
const all = [...rivals, ours]
const label = (path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.cjs$/, '')
const excluded = new Map(JSON.parse(readFileSync(here('validation.json'), 'utf8')).map((entry) => [entry.test, entry]))

/** Where there is no source, nothing can be said of it. */
function built() {
  try {
    return validationSuite()
  } catch (error) {
    if (!(error instanceof NoSourceError)) throw error
    console.log(`${error.message}\n0 passed, 0 failed, 1 skipped`)
    process.exit(0)
  }
}

/** In a sandbox of its own, for at most two minutes: one that hangs, or leaves something, is no matter of the next. */
async function see(test, runtime, directory) {
  const [out, err] = ['out', 'err'].map((name) => `${directory}/${name}`)
  const files = [out, err].map((path) => openSync(path, 'w'))
  // crun does not run where there are hierarchies of both versions.
  const command = ['sh', '-c', 'cd "$0" && RUNTIME="$2" exec timeout -k 5 120 "validation/$1/$1.t"', suite, test, runtime]
  const status = await sandbox(command, { files: [suite], unified: label(runtime) !== 'crun', stdio: ['ignore', ...files] }).ended
  for (const file of files) closeSync(file)
  return { status, ...readTap(readFileSync(out, 'utf8')), said: readFileSync(err, 'utf8').trim().split('\n').findLast((line) => !line.startsWith('exit status')) ?? '' }
}

/** @returns {string} what fits into a column */
function cell({ status, passed, failed }) {
  if (status !== 0) return `exit ${status}`
  return failed.size === 0 ? (passed.size === 0 ? 'pass' : `pass ${passed.size}`) : `fail ${failed.size} of ${passed.size + failed.size}`
}

const count = { passed: 0, failed: 0, skipped: 0 }
const directory = mkdtempSync(`${tmpdir()}/ctr-validation-`)
try {
  console.log([...all.map((path) => label(path).padEnd(16)), 'test'].join(''))
  for (const test of tests) {
    const seen = []
    for (const runtime of all) seen.push(await see(test, runtime, directory))
    const missing = behind(seen.at(-1), seen.slice(0, -1))
    const useless = seen.every(({ status }) => status !== 0)
    const exclusion = excluded.get(test)
    const verdict = exclusion !== undefined ? (missing.length > 0 ? 'skipped' : 'failed') : useless ? 'skipped' : missing.length > 0 ? 'failed' : 'passed'
    count[verdict]++
    console.log([...seen.map((one) => cell(one).padEnd(16)), test, verdict === 'passed' ? '' : `: ${verdict}`].join(''))
    if (exclusion !== undefined && missing.length > 0) console.log(`    ${exclusion.because}\n    ${exclusion.sentence}`)
    if (exclusion !== undefined && missing.length === 0) console.log('    it is passed: take it out of validation.json')
    if (exclusion === undefined && useless) for (const [i, { said }] of seen.entries()) console.log(`    nobody passes it here; ${label(all[i])}: ${said.slice(0, 300)}`)
    if (exclusion === undefined && !useless) for (const name of missing) console.log(`    not passed: ${name}`)
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0
