import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBusybox, type OciBench, type BundleConfig } from './oci.ts'
import { oneContainer } from './one-container.ts'

const enabled = existsSync('/sys/module/apparmor/parameters/enabled') && readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8') === 'Y\n'
const parser = ['/usr/sbin/apparmor_parser', '/sbin/apparmor_parser'].find((path) => existsSync(path))

describe.skipIf(!hasBusybox)('a profile of AppArmor', () => {
  let bench: OciBench
  const id = `confined-${process.pid}`
  oneContainer(id, (made) => { bench = made })
  const [profile, other] = [`ctr-test-${process.pid}`, `ctr-test-${process.pid}-other`]
  const confined = (by: string, more: Record<string, unknown> = {}) => (config: BundleConfig) => { Object.assign(config.process, { apparmorProfile: by, ...more }) }
  const look = 'cat /proc/self/attr/apparmor/current; cat /etc/passwd >/dev/null 2>&1 && echo read || echo refused'

  /**
   * The parser finds the kernel's interface in a securityfs, which need not be mounted. Standard output is a socket where Node reads it, and
   * what a profile does not allow is /dev/null behind execve.
   */
  function load(flag: '--replace' | '--remove'): void {
    const file = join(bench.directory, 'profiles')
    writeFileSync(file, [profile, other].map((name) => `profile ${name} flags=(attach_disconnected,mediate_deleted) {\n  file,\n  capability,\n  network,\n  unix,\n${name === profile ? '  deny /etc/passwd r,\n' : ''}}\n`).join(''))
    const { status, stderr } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', `mount -t securityfs none /sys/kernel/security && exec ${parser} ${flag} --skip-cache ${file}`], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
  }

  describe.skipIf(!enabled || parser === undefined)('where the kernel uses AppArmor (needs the package apparmor)', () => {
    beforeAll(() => load('--replace'))
    afterAll(() => load('--remove'))

    test.each([{}, { noNewPrivileges: true, user: { uid: 1000, gid: 1000 } }])('confines the command: %j', async (more) => {
      expect(await bench.oci('run', '--bundle', bench.bundle(look, confined(profile, more)), id)).toMatchObject({ stderr: '', code: 0, stdout: `${profile} (enforce)\nrefused\n` })
    })

    test('and what joins the container, unless that has one of its own', async () => {
      await bench.detached('create', '--bundle', bench.bundle('sleep 60', confined(profile)), id)
      expect((await bench.oci('exec', id, 'sh', '-c', look)).stdout).toBe(`${profile} (enforce)\nrefused\n`)
      expect((await bench.oci('exec', '--apparmor', other, id, 'sh', '-c', look)).stdout).toBe(`${other} (enforce)\nread\n`)
    })

    test('that is not loaded: the call that was refused, and nothing is left', async () => {
      expect(await bench.oci('create', '--bundle', bench.bundle('true', confined('ctr-test-none')), id)).toMatchObject({ code: 1, stderr: expect.stringMatching(/write\(.*exec ctr-test-none.*ENOENT.*has to be loaded/) })
    })
  })

  test.skipIf(enabled)('is an error where the kernel does not use AppArmor', async () => {
    expect(await bench.oci('create', '--bundle', bench.bundle('true', confined('docker-default')), id)).toMatchObject({ code: 1, stderr: expect.stringContaining('process.apparmorProfile: \\"docker-default\\" cannot confine it: this kernel has no AppArmor') })
    await bench.detached('create', '--bundle', bench.bundle('sleep 60'), id)
    expect(await bench.oci('exec', '--apparmor', 'x', id, 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('apparmorProfile: \\"x\\" cannot confine it') })
  })
})
