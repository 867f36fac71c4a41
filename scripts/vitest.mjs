// Runs vitest on one project and says what was counted.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { root } from './setup.mjs'

/** @returns {{ passed: number, failed: number, skipped: { file: string, name: string, fullName: string, reason: string }[] }} */
export function vitest(project, args = []) {
  const dir = process.env.CTR_REPORTS ?? mkdtempSync(`${tmpdir()}/ctr-counts-`)
  const file = `${dir}/${project}.json`
  const reporters = ['--reporter=default', `--reporter=${root}/scripts/counts-reporter.mjs`]
  const run = spawnSync(process.execPath, [`${root}/node_modules/vitest/vitest.mjs`, 'run', '--project', project, '--passWithNoTests', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, CTR_COUNTS: file },
  })
  let counts
  try {
    counts = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // No count: vitest did not get as far as running anything.
    counts = { passed: 0, failed: run.status === 0 ? 0 : 1, skipped: [], retried: [] }
  }
  if (run.status !== 0 && counts.failed === 0) counts.failed = 1
  if (!process.env.CTR_REPORTS) rmSync(dir, { recursive: true, force: true })
  return counts
}

export const line = (counts) => {
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0)
  const skipped = counts.reduce((total, count) => total + count.skipped.length, 0)
  return `${sum('passed')} passed, ${sum('failed')} failed, ${skipped} skipped`
}
