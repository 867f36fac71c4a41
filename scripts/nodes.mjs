// The unit tests, an example, and a container, on the newer lines of Node: the official binaries, from the npm registry.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { root, setupOrExit } from './setup.mjs'

const versions = ['24.21.0', '26.10.0']

await setupOrExit()
let [passed, failed] = [0, 0]
const check = (name, ok, output) => {
  ok ? passed++ : failed++
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
  if (!ok) console.log(output.trim().replace(/^/gm, '  '))
}
for (const version of versions) {
  const run = (command, args) => {
    const env = { ...process.env, npm_config_loglevel: 'error', NO_COLOR: '1' }
    const child = spawnSync(command, args, { cwd: root, encoding: 'utf8', env, timeout: 300_000, maxBuffer: 1 << 28 })
    return { ...child, output: `${child.stdout ?? ''}${child.stderr ?? ''}${child.error?.message ?? ''}` }
  }
  const where = run('npx', ['--yes', '-p', `node-linux-${process.arch}@${version}`, 'node', '-p', 'process.version + " " + process.execPath'])
  const [reported, node] = where.stdout.trim().split(' ')
  check(`Node ${version} is there`, reported === `v${version}`, where.output)
  if (reported !== `v${version}`) continue

  const unit = run(node, [`${root}/node_modules/vitest/vitest.mjs`, 'run', '--project', 'unit', '--reporter=dot'])
  check(`Node ${version}: unit tests`, unit.status === 0, unit.output)
  if (process.getuid() !== 0) continue
  const container = run(node, [`${root}/apps/runner/bin/ctrun.cjs`, 'run', '--rm', 'host', 'sh', '-c', 'echo pid $$'])
  const example = run(node, [`${root}/examples/07-proc.ts`])
  check(`Node ${version}: an example, as it is`, example.status === 0 && /I am PID 1/.test(example.stdout), example.output)
  check(`Node ${version}: a container`, container.status === 0 && container.stdout === 'pid 1\n', container.output)
  const cache = statSync('/run/ctrun-cache', { throwIfNoEntry: false })
  check(`Node ${version}: what it has compiled is kept, for root alone`, cache?.uid === 0 && (cache.mode & 0o777) === 0o700 && readdirSync('/run/ctrun-cache').some((name) => name.includes(`-v${version}-`)), String(cache?.mode.toString(8)))
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed > 0 ? 1 : 0
