import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cgroups, group, procs } from '@ctr/cgroup'
import { describe, expect, test } from 'vitest'
import { finished, until } from '../ctrun.ts'
import { hasBusybox, type OciBench } from './oci.ts'
import { oneContainer } from './one-container.ts'

describe.skipIf(!hasBusybox)('exec into a paused container', { timeout: 120_000 }, () => {
  let bench: OciBench
  const id = `paused-${process.pid}`
  oneContainer(id, (made) => { bench = made })
  const members = () => procs(group(cgroups(), `/ctrun-oci-${id}`))

  async function paused(): Promise<void> {
    expect(await bench.detached('create', '--bundle', bench.bundle('sleep 1000'), id)).toBe(0)
    expect(await bench.oci('start', id)).toMatchObject({ code: 0 })
    expect(await bench.oci('pause', id)).toMatchObject({ code: 0 })
    expect(members()).toHaveLength(1)
  }

  function joining(...args: string[]) {
    const [command, ...words] = bench.argv('exec', '--ignore-paused', ...args)
    return spawn(command!, words, { stdio: ['pipe', 'pipe', 'pipe'] })
  }

  test('is an error that names the flag', async () => {
    await paused()
    expect(await bench.oci('exec', id, 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('exec failed: cannot exec in a paused container (use --ignore-paused to override)') })
    expect(members()).toHaveLength(1)
  })

  test.each([['waited for', [], 7], ['detached', ['--detach'], 0]] as const)('--ignore-paused, %s: it is in the group, and runs when that is resumed', async (name, flags, code) => {
    await paused()
    const joined = joining(...flags, id, 'sh', '-c', `touch '/tmp/${name}'; echo ok; exit 7`)
    const end = finished(joined)
    await until(() => members().length === 2, 'it is in the group')
    // What is frozen cannot have done anything, so there is no time to wait for.
    expect([joined.exitCode, existsSync(join(bench.rootfs, 'tmp', name))]).toEqual([null, false])
    expect(await bench.oci('state', id)).toMatchObject({ stdout: expect.stringContaining('"status": "paused"') })
    expect(await bench.oci('resume', id)).toMatchObject({ code: 0 })
    expect(await end).toMatchObject({ stdout: 'ok\n', code, stderr: '' })
  })

  test('--ignore-paused, and nobody waits for it any more: it does not run when the container is resumed', async () => {
    await paused()
    const joined = joining(id, 'touch', '/tmp/late')
    await until(() => members().length === 2, 'it is in the group')
    joined.kill('SIGKILL')
    await once(joined, 'exit')
    expect(members()).toHaveLength(2)
    expect(await bench.oci('resume', id)).toMatchObject({ code: 0 })
    await until(() => members().length === 1, 'it has ended')
    expect(existsSync(join(bench.rootfs, 'tmp/late'))).toBe(false)
  })

  test('--ignore-paused into one that is not paused: as without it', async () => {
    expect(await bench.detached('create', '--bundle', bench.bundle('sleep 1000'), id)).toBe(0)
    expect(await finished(joining(id, 'sh', '-c', 'echo ok; exit 7'))).toMatchObject({ stdout: 'ok\n', code: 7, stderr: '' })
  })
})
