import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { run, start, sweep } from '../apps/runner/src/index.ts'
import { expectNothingLeft, settled, type Snapshot } from '../apps/runner/test/leak-check.ts'

// What comes from outside while a container starts, runs and ends.

const prefix = `break${process.pid}`
const name = `${prefix}x`
const config = { rootfs: 'host', args: ['/bin/sleep', '1000'], name }
const directory = `/run/ctrun/${name}`
let before: Snapshot

beforeAll(async () => {
  for (const more of [{}, { tty: true, init: true }]) await run({ ...config, ...more, args: ['/bin/true'] })
  before = await settled(prefix)
})

test('aborted at any moment of its start', { timeout: 60_000 }, async () => {
  const reason = new Error('not any more')
  let rejected = 0
  for (let i = 0; i < 100; i++) {
    const controller = new AbortController()
    const started = start({ ...config, ...(i % 2 === 0 ? {} : { tty: true, init: true }) }, { signal: controller.signal })
    setTimeout(() => controller.abort(reason), i / 5)
    try {
      const container = await started
      container.stdout?.resume()
      container.stderr?.resume()
      expect(await container.exited).toMatchObject({ signal: 'SIGKILL' })
    } catch (error) {
      expect(error).toBe(reason)
      rejected++
    }
  }
  expect(rejected).toBeGreaterThan(0)
  await expectNothingLeft(prefix, before)
})

test('somebody removes its state while it starts: it does not start, and nothing is left', async () => {
  const started = start(config, { stdio: 'ignore', step: (_index, { name: call }) => { if (call === 'execve') rmSync(directory, { recursive: true }) } })
  await expect(started).rejects.toMatchObject({ code: 'ENOENT' })
  await expectNothingLeft(prefix, before)
})

test('somebody removes its state while it runs: it ends as it would', async () => {
  const container = await start({ ...config, args: ['/bin/sh', '-c', 'read line; exit 3'] }, { stdio: ['pipe', 'ignore', 'ignore'] })
  rmSync(directory, { recursive: true })
  container.stdin!.end('\n')
  expect(await container.exited).toMatchObject({ exitCode: 3 })
  await expectNothingLeft(prefix, before)
})

test('a process of somebody else in its cgroup: its end says so, and a sweep cleans up', { timeout: 60_000 }, async () => {
  const container = await start(config, { stdio: 'ignore' })
  const stranger = spawn('sleep', ['1000'])
  const ended = once(stranger, 'exit')
  for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
    const procs = `/sys/fs/cgroup/${hierarchy}/ctrun-${name}/cgroup.procs`
    if (existsSync(procs)) writeFileSync(procs, String(stranger.pid))
  }
  container.kill()
  await expect(container.exited).rejects.toThrow(String(stranger.pid))
  expect(existsSync(directory)).toBe(true)
  // We are alive, so to others it still has an owner; but nobody holds its name.
  await run({ ...config, name: `${prefix}y`, args: ['/bin/true'] })
  stranger.kill('SIGKILL')
  await ended
  await sweep()
  expect(existsSync(directory)).toBe(false)
  await expectNothingLeft(prefix, before)
})
