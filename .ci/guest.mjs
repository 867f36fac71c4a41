// The kernel tests of what is otherwise in the cgroup v2 guest, with the counts brought out of it. Its processors are emulated: what takes
// a second here takes ten there, and Node's start alone takes one. So what goes on in Node, or is the same on every kernel, is not done again.
// A second guest is for what needs another security module: a kernel uses AppArmor or SELinux, not both.
// With arguments: those of vitest, in the first guest, instead of the list.
import { spawnSync } from 'node:child_process'
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

// Control groups, and what is in one; what an older kernel does, with descriptors, mounts, namespaces, privileges; AppArmor; systemd; CRIU, which
// knows the guest's kernel.
const differs = [
  'packages/cgroup/src',
  ...['machine', 'one-process', 'pid-translation'].map((name) => `packages/procfs/src/${name}`),
  ...['cgroup', 'checkpoint', 'executable', 'fork', 'id-map', 'interpreter', 'join.', 'launch.', 'packaged', 'receive-descriptor'].map((name) => `packages/launch/src/${name}`),
  ...['list', 'netns', 'ns.'].map((name) => `packages/ns/src/${name}`),
  ...['bind', 'cgroup', 'console', 'dev', 'errno', 'filesystem', 'id-map', 'kernel-file', 'mask', 'mount-into', 'oci-', 'overlay', 'proc.', 'propagation'].map((name) => `packages/rootfs/src/${name}`),
  'packages/caps/src', 'packages/seccomp/src',
  'apps/runner/src/run.',
  ...['combinations', 'hard-limits', 'isolation', 'limits'].map((name) => `apps/runner/test/${name}`),
  ...['apparmor', 'cgroup', 'checkpoint', 'lent-group', 'modules', 'systemd.'].map((name) => `apps/runner/test/oci/${name}`),
]

/** One guest with its share of the tests. @returns what was counted */
async function guest(number, args, { last = [], append = '' } = {}) {
  const output = numbered(number)
  const start = Date.now()
  const { status, result, reason, console: log } = await run(['sh', '-c', [tests, ...last, results].join('\n'), 'sh', '--project', 'kernel', ...args], { timeout: 3000, append, output })
  if (reason) output.write(`${log.replaceAll('\r', '').split('\n').slice(-40).join('\n')}\nguest ${number}: ${reason}\n`)
  output.write(`guest ${number}: ${Math.round((Date.now() - start) / 1000)} s\n`)
  const counts = result.trim() ? sum(result) : nothing
  if (process.env.CTR_REPORTS) writeFileSync(`${process.env.CTR_REPORTS}/guest-${number}.json`, JSON.stringify(counts))
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

// It may have to be installed, which two cannot do at once.
kernel()
const selinux = ['apps/runner/test/oci/selinux']
const first = options.length > 0 ? options : differs
// The sources are made ready here, and kept (vitest.config.ts): in a guest that takes ten times as long. What fails will fail there too.
spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'list', '--project', 'kernel', ...first, ...selinux], { stdio: 'ignore' })
const counts = [await guest(1, first, { last: [examples] })]
if (options.length === 0) counts.push(await guest(2, selinux, { append: 'security=selinux' }))
console.log(line(counts))
process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0
