import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { groupsOf, hasBusybox, OciBench } from './oci.ts'

// Five commands in one mount namespace: four seconds here, ten in the guest.
describe.skipIf(!hasBusybox)('where nothing can be written down', () => {
  let bench: OciBench
  beforeAll(async () => { bench = await OciBench.make() })
  afterAll(() => bench.remove())
  const id = `no-room-${process.pid}`

  test('of a container it is said so, and what can be done; nothing is left', async () => {
    mkdirSync(bench.root)
    const argv = (...words: string[]) => bench.argv(...words).map((word) => `'${word}'`).join(' ')
    const bundle = bench.bundle('true')
    const create = `${argv('create', '--bundle', bundle, id)} 2>&1; echo status $?`
    const script = [
      // A page for config.json, and none for the state.
      `mount -t tmpfs -o size=4k none '${bench.root}'`, create, `ls -A '${bench.root}'`,
      `mount -o remount,ro,size=64k none '${bench.root}'`, create, `${argv('delete', '--force', id)}; echo status $?`, `${argv('delete', id)} 2>&1; echo status $?`, `ls -A '${bench.root}'`,
      `${argv('create', '--bundle', bundle, id).replace(bench.root, `${bench.root}/not/there`)} 2>&1; echo status $?`,
    ].join('\n')
    const { stdout, stderr } = await promisify(execFile)('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script])
    expect(stderr).toBe('')
    expect(stdout.replaceAll(bench.root, 'ROOT').replace(/time="[^"]*" level=error msg=/g, '').split('\n')).toEqual([
      expect.stringMatching(/^".*no space left on device.*: there is no room in ROOT for what has to be written down of a container; --root names another directory"$/), 'status 1',
      expect.stringMatching(/^".*read-only file system.*: containers cannot be written down there; --root names another directory.*"$/), 'status 1',
      'status 0', '"container does not exist"', 'status 1',
      expect.stringMatching(/^"EROFS: read-only file system, mkdir 'ROOT\/not': containers cannot be written down there; --root names another directory.*"$/), 'status 1', '',
    ])
    expect(groupsOf(id)).toEqual([])
  })
})
