import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bundles, hasBusybox } from './oci.ts'

const command = fileURLToPath(new URL('../../bin/ctrun-oci.cjs', import.meta.url))

/** Written by a process in front of its end: what Node has loaded of itself since it came to our first line. */
const spy = `const before = new Set(process.moduleLoadList)
process.on('exit', () => require('node:fs').writeFileSync(process.env.LOADED, JSON.stringify(process.moduleLoadList.filter((name) => name.startsWith('NativeModule ') && !before.has(name)))))`

// Each takes its time at every start, some bring thirty others, and nothing else would show it. Three starts of Node: 2 s in the guest.
describe.skipIf(!hasBusybox)('what a container takes of Node', { timeout: 60_000 }, () => {
  let bundles: Bundles
  beforeAll(() => { bundles = new Bundles() })
  afterAll(() => bundles.remove())

  function loaded(...args: readonly string[]): string[] {
    const [hook, file] = ['spy.cjs', 'loaded.json'].map((name) => join(bundles.directory, name)) as [string, string]
    writeFileSync(hook, spy)
    const { status } = spawnSync(process.execPath, ['--require', hook, command, '--root', bundles.root, ...args], { stdio: 'ignore', env: { ...process.env, NODE_OPTIONS: '', LOADED: file } })
    expect(status).toBe(0)
    return JSON.parse(readFileSync(file, 'utf8')) as string[]
  }

  test('nothing but what runs our code', () => {
    expect(loaded('run', '--bundle', bundles.bundle('true'), 'one')).toEqual(['NativeModule vm'])
    expect(loaded('create', '--bundle', bundles.bundle('true'), 'two')).toEqual(['NativeModule vm'])
    // Where it has to wait for the end of the process, it does so by timers.
    expect(loaded('delete', '--force', 'two').filter((name) => name !== 'NativeModule timers/promises')).toEqual(['NativeModule vm'])
  })
})
