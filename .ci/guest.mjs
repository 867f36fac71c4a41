// The kernel tests in the cgroup v2 guest, with the counts brought out of it. The guest's processors are emulated, and these tests
// use one of them at a time: two guests side by side, each with half of the files, take little more than half of the time. The first,
// whose half takes less, runs the examples of cgroups as well. A third one, behind the first, is for what needs another security
// module: a kernel uses AppArmor or SELinux, not both.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { run } from '../conformance/guest/guest.mjs'
import { kernel } from '../conformance/guest/kernel.mjs'
import { line } from '../scripts/vitest.mjs'

const options = process.argv.slice(2)
const nothing = { passed: 0, failed: 1, skipped: [], retried: [] }
const tests = 'mkdir /tmp/reports; export CTR_REPORTS=/tmp/reports; node scripts/test.mjs "$@"; s=$?'
const examples = 'node scripts/examples.mjs --cgroup || s=1'
const results = '(for report in $CTR_REPORTS/*.json; do cat $report; echo; done) >$GUEST_RESULT; exit $s'

/** The counts of several reports, one a line, as one. */
const sum = (reports) => reports.trim().split('\n').map((report) => JSON.parse(report)).reduce((a, b) => ({
  passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: [...a.skipped, ...b.skipped], retried: [...a.retried, ...b.retried], passedTests: [...a.passedTests, ...b.passedTests],
}))

/** Standard output with the guest's number in front of each line: what one that hangs was at can be seen. */
function numbered(number) {
  const output = new PassThrough()
  createInterface({ input: output }).on('line', (text) => process.stdout.write(`${number} ${text}\n`))
  return output
}

/** One guest with its share of the tests. @returns what was counted */
async function guest(number, args, { last = [], append = '' } = {}) {
  const output = numbered(number)
  const { status, result, reason, console: log } = await run(['sh', '-c', [tests, ...last, results].join('\n'), 'sh', '--project', 'kernel', ...args], { timeout: 3000, append, output })
  if (reason) output.write(`${log.replaceAll('\r', '').split('\n').slice(-40).join('\n')}\nguest ${number}: ${reason}\n`)
  const counts = result.trim() ? sum(result) : nothing
  if (process.env.CTR_REPORTS) writeFileSync(`${process.env.CTR_REPORTS}/guest-${number}.json`, JSON.stringify(counts))
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

// It may have to be installed, which two cannot do at once.
kernel()
const first = guest(1, ['--shard=1/2', ...options], { last: [examples] })
const counts = await Promise.all([
  first,
  guest(2, ['--shard=2/2', ...options]),
  first.then(() => guest(3, ['apps/runner/test/oci/selinux'], { append: 'security=selinux' })),
])
console.log(line(counts))
process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0
