import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
// @ts-expect-error a script, without types
import { behind, readTap } from './oci/tap.mjs'

const script = fileURLToPath(new URL('oci/validation.mjs', import.meta.url))
const rival = ['/usr/sbin/runc', '/usr/bin/crun'].some((path) => existsSync(path))

test('what another passes and ours does not, whatever its number is and whatever is random in its name', () => {
  const [theirs, ours] = [
    'TAP version 13\nok 1 - one\n  ---\n  not ok in a diagnostic\n  ...\nok 2 - two\nok 3 - two\nnot ok 4 - three\nok 5 # SKIP four\nok 6 - below /tmp/a123456\n1..6\n',
    'ok 1 - two\nnot ok 2 - two\nok 3 - three\nok 4 - below /tmp/a654321\n1..4\n',
  ].map((text) => ({ status: 0, ...readTap(text) }))
  expect(behind(ours, [theirs])).toEqual(['one', 'two (2)'])
  expect(behind(ours, [{ ...theirs, status: 1 }])).toEqual([])
  expect(behind({ ...ours, status: 3 }, [theirs])).toEqual(['the program ends with 3, elsewhere with 0'])
  expect(behind({ ...ours, status: 3 }, [{ ...theirs, status: 1 }])).toEqual([])
})

// The suite itself is not to be had from Debian (see oci/README.md): these programs are as its own, and drive real runtimes.
test.skipIf(!rival)('programs of a suite, with every runtime that is here, as a table (needs runc or crun)', () => {
  const suite = mkdtempSync(join(tmpdir(), 'suite-'))
  onTestFinished(() => rmSync(suite, { recursive: true }))
  const program = (name: string, body: string) => {
    mkdirSync(join(suite, 'validation', name), { recursive: true })
    writeFileSync(join(suite, 'validation', name, `${name}.t`), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  }
  program('version', '"$RUNTIME" --version >/dev/null && echo "ok 1 - it tells its version"; "$RUNTIME" state nobody-is-called-this 2>/dev/null || echo "ok 2 - there is nobody of that name"')
  program('others', 'case "$RUNTIME" in *runc|*crun) echo "ok 1 - others do" ;; *) echo "not ok 1 - others do" ;; esac')
  program('nobody', 'echo cannot be had here >&2; exit 1')
  const run = (...args: string[]) => spawnSync(process.execPath, [script, '--suite', suite, ...args], { encoding: 'utf8', timeout: 120_000 })
  const whole = run()
  expect(whole.stderr).toBe('')
  expect(whole.stdout).toMatch(/pass 2 +version$/m)
  expect(whole.stdout).toMatch(/fail 1 of 1 +others: failed\n {4}not passed: others do\n/)
  expect(whole.stdout).toMatch(/exit 1 +nobody: skipped\n {4}nobody passes it here; \w+: cannot be had here\n/)
  expect(whole.stdout).toMatch(/\n1 passed, 1 failed, 1 skipped\n$/)
  expect(whole.status).toBe(1)
  expect(run('--only', 'version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/\n1 passed, 0 failed, 0 skipped\n$/) })
})
