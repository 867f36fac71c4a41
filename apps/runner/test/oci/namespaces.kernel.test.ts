import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../ctrun.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'

describe.skipIf(!hasBusybox)('namespaces by path', () => {
  let bench: OciBench
  const holders: ChildProcess[] = []
  beforeAll(async () => { bench = await OciBench.make() })
  afterEach(async () => {
    await bench.oci('delete', '--force', id)
    for (const holder of holders.splice(0)) holder.kill('SIGKILL')
    expect(bench.left()).toEqual([])
  })
  afterAll(() => bench.remove())
  const id = `by-path-${process.pid}`

  /** Namespaces that somebody else has made, and is in. */
  async function others(...flags: string[]): Promise<number> {
    const holder = spawn('unshare', [...flags, 'sleep', '60'], { stdio: 'ignore' })
    holders.push(holder)
    await until(() => readFileSync(`/proc/${holder.pid}/comm`, 'utf8') === 'sleep\n', 'it is in them')
    return holder.pid!
  }

  test('a mount namespace: the container\'s root is all there is in it, and the host has the mounts it had', async () => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    const pid = await others('--mount', '--propagation', 'private')
    const path = `/proc/${pid}/ns/mnt`
    const bundle = bench.bundle('readlink /proc/self/ns/mnt; pwd; ls /; sleep 60', (config) => {
      config.linux.namespaces = config.linux.namespaces.map((each) => (each.type === 'mount' ? { type: 'mount', path } : each))
    })
    const output = bench.oci('run', '--bundle', bundle, id)
    await until(async () => (await bench.oci('state', id)).stdout.includes('"running"'), 'the container runs')
    expect(readdirSync(`/proc/${pid}/root`).sort()).toEqual(readdirSync(bench.rootfs).sort())
    expect((await bench.oci('exec', id, 'sh', '-c', 'readlink /proc/self/ns/mnt; pwd')).stdout).toBe(`${readlinkSync(path)}\n/\n`)
    await bench.oci('kill', id, 'KILL')
    expect((await output).stdout).toBe([readlinkSync(path), '/', ...readdirSync(bench.rootfs).sort(), ''].join('\n'))
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounts)
  })

  test('hooks of createContainer run in the network of another, where the container is in it', async () => {
    const pid = await others('--net')
    const seen = join(mkdtempSync(join(bench.directory, 'hook-')), 'seen')
    const bundle = bench.bundle('readlink /proc/self/ns/net', (config) => {
      config.linux.namespaces = config.linux.namespaces.map((each) => (each.type === 'network' ? { type: 'network', path: `/proc/${pid}/ns/net` } : each))
      config.hooks = { createContainer: [{ path: '/bin/sh', args: ['sh', '-c', `readlink /proc/self/ns/net > ${seen}`], env: ['PATH=/usr/bin:/bin'] }] }
    })
    const network = `${readlinkSync(`/proc/${pid}/ns/net`)}\n`
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 0, stdout: network })
    expect(readFileSync(seen, 'utf8')).toBe(network)
  })

  test('what is at the path is none of that kind: the call that was refused; nothing is left', async () => {
    const bundle = bench.bundle('true', (config) => {
      config.linux.namespaces = config.linux.namespaces.map((each) => (each.type === 'mount' ? { type: 'mount', path: '/proc/self/ns/uts' } : each))
    })
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 1, stderr: expect.stringMatching(/setns\(mount namespace, CLONE_NEWNS\): EINVAL: invalid argument;.*another kind of namespace/) })
  })

  /** Nothing of it takes a mount. */
  const bare = (config: BundleConfig) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount')
    Object.assign(config, { mounts: [] })
    Object.assign(config.linux, { maskedPaths: [], readonlyPaths: [] })
  }

  test('without a mount namespace its root is a directory of the host, for what joins it too, and the host\'s mounts stay as they are', async () => {
    const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8')
    const before = mounts()
    const script = 'pwd; ls -d /bin /work /proc/self 2>/dev/null; echo lost > /dev/null && echo device; ls /..'
    expect(await bench.detached('create', '--bundle', bench.bundle(`{ ${script}; } > /tmp/seen; sleep 1000`, (config) => { bare(config); config.process.cwd = '/work' }), id)).toBe(0)
    expect(await bench.oci('start', id)).toMatchObject({ code: 0, stderr: '' })
    const { pid } = JSON.parse((await bench.oci('state', id)).stdout) as { pid: number }
    expect([readlinkSync(`/proc/${pid}/root`), readlinkSync(`/proc/${pid}/ns/mnt`)]).toEqual([bench.rootfs, readlinkSync('/proc/self/ns/mnt')])
    const seen = `/work\n/bin\n/work\ndevice\n${readdirSync(bench.rootfs).sort().join('\n')}\n`
    await until(() => readFileSync(join(bench.rootfs, 'tmp/seen'), 'utf8') === seen, 'it sees its own root and no other')
    expect(await bench.oci('exec', id, 'sh', '-c', script)).toMatchObject({ stdout: seen, code: 0 })
    expect(await bench.oci('kill', id, 'KILL')).toMatchObject({ code: 0 })
    expect(await bench.oci('delete', '--force', id)).toMatchObject({ code: 0 })
    expect(mounts()).toBe(before)
  })

  test.each<[string, (config: BundleConfig) => void]>([
    ['mounts[0]: it would have to be mounted', (config) => { config.mounts = [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [] }] }],
    ['root.readonly: a root that is read-only is a mount', (config) => { config.root['readonly'] = true }],
    ['linux.maskedPaths: what masks a path is a mount', (config) => { config.linux['maskedPaths'] = ['/tmp'] }],
    ['linux.readonlyPaths: a path that is read-only is a mount', (config) => { config.linux['readonlyPaths'] = ['/tmp'] }],
    ['process.terminal: its devpts would have to be mounted', (config) => { config.process['terminal'] = true }],
    ['linux.namespaces: a mount namespace is needed, new or by path: the devices', (config) => {
      config.linux.namespaces.push({ type: 'user' })
      Object.assign(config.linux, { uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }], gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }] })
    }],
    ['hooks.startContainer: these are files of the container', (config) => { config.hooks['startContainer'] = [{ path: '/bin/true' }] }],
  ])('without a mount namespace what takes a mount is refused: %s', async (words, change) => {
    const bundle = bench.bundle('true', (config) => { bare(config); change(config) })
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words) })
  })
})
