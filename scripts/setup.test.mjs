import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { removeBuilt, unsupported } from './setup.mjs'

it.each([
  ['linux', '20.19.0', undefined],
  ['linux', '26.10.0', undefined],
  ['linux', '20.18.3', 'Node 20.18.3 is too old: version 20.19 or newer is needed.'],
  ['linux', '18.20.0', 'Node 18.20.0 is too old: version 20.19 or newer is needed.'],
  ['darwin', '24.0.0', 'Containers are made by the Linux kernel, and this is darwin: run this on Linux.'],
])('%s, Node %s', (platform, version, sentence) => expect(unsupported(platform, version)).toBe(sentence))

it('before it is built again, nothing that was built is there, and none is said to be', () => {
  const at = mkdtempSync(join(tmpdir(), 'ctr-setup-'))
  onTestFinished(() => rmSync(at, { recursive: true }))
  const stamp = join(at, 'stamp')
  writeFileSync(stamp, '{"install":"a","build":"b"}')
  for (const name of ['one/dist', 'one/src', 'two/src']) mkdirSync(join(at, name), { recursive: true })
  writeFileSync(join(at, 'one/dist/chunk-OFBRANCH.js'), '')
  removeBuilt(['one', 'two'], 'a', { at, stamp })
  expect(['one/dist', 'one/src', 'two/src'].map((name) => existsSync(join(at, name)))).toEqual([false, true, true])
  expect(JSON.parse(readFileSync(stamp, 'utf8'))).toEqual({ install: 'a' })
})
