import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { create } from '../../src/oci/lifecycle/create.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'
import { daemon, unable } from './rootless.ts'
import { SystemManager, UserManager, withoutSystemd, type TestManager } from './systemd.ts'

const reason = unable || withoutSystemd || (hasBusybox ? false : 'needs busybox')
const MiB = 2 ** 20

describe.skipIf(reason)(`groups that systemd makes${reason ? ` (${reason})` : ''}`, () => {
  let bench: OciBench
  let system: SystemManager
  let user: UserManager
  beforeAll(async () => {
    bench = await OciBench.make()
    await Promise.all([SystemManager.start().then((started) => { system = started }), UserManager.start().then((started) => { user = started })])
  }, 300_000)
  afterAll(async () => {
    await Promise.all([system?.end(), user?.end()])
    bench?.remove()
  }, 300_000)

  const withGroups = (config: BundleConfig) => {
    config.linux.namespaces.push({ type: 'cgroup' })
    config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev'] })
  }
  const oci = (...words: string[]) => system.run(...bench.argv('--systemd-cgroup', ...words))
  const shown = async (unit: string, ...properties: string[]) => {
    const { stdout } = await system.run('systemctl', 'show', '--no-pager', ...properties.map((each) => `--property=${each}`), unit)
    return Object.fromEntries(stdout.trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  }
  const fine = { code: 0, stderr: '' }
  /** One whose container holds what would be the command's pipes: what it has to say is in its log. */
  const leaves = async (manager: TestManager, ...words: string[]) => {
    const log = join(manager.directory, 'log')
    const code = await manager.detached(...bench.command, ...(manager === system ? ['--root', bench.root] : []), '--log', log, '--systemd-cgroup', ...words)
    return { code, stderr: readFileSync(log, 'utf8') }
  }

  test('a scope of the machine from create to delete', async () => {
    const unit = 'libpod-one.scope'
    const scope = join(system.root, 'machine.slice/machine-inner.slice', unit)
    const read = (file: string) => readFileSync(join(scope, file), 'utf8').trim()
    const bundle = bench.bundle('grep ^0:: /proc/self/cgroup > /tmp/seen; while :; do sleep 1; done', (config) => {
      withGroups(config)
      Object.assign(config, { annotations: { 'org.systemd.property.TimeoutStopSec': '7', 'org.systemd.property.CollectMode': "'inactive'" } })
      Object.assign(config.linux, { cgroupsPath: 'machine-inner.slice:libpod:one' })
      Object.assign(config.linux.resources, { memory: { limit: 64 * MiB, swap: 64 * MiB, reservation: 32 * MiB }, cpu: { quota: 50_500, period: 100_000, shares: 512, cpus: '0' }, pids: { limit: 20 }, unified: { 'memory.high': String(60 * MiB) } })
    })
    expect(await leaves(system, 'create', '--bundle', bundle, '--pid-file', join(bench.directory, 'pid'), 'one')).toEqual(fine)
    const pid = readFileSync(join(bench.directory, 'pid'), 'utf8')
    expect(await shown(unit, 'ControlGroup', 'ActiveState', 'Slice', 'Delegate', 'Description', 'MemoryMax', 'MemoryHigh', 'MemoryLow', 'MemorySwapMax', 'CPUWeight', 'CPUQuotaPerSecUSec', 'AllowedCPUs', 'TasksMax', 'CollectMode', 'TimeoutStopUSec')).toEqual({
      ControlGroup: `/machine.slice/machine-inner.slice/${unit}`, ActiveState: 'active', Slice: 'machine-inner.slice', Delegate: 'yes', Description: 'ctrun-oci container one', MemoryMax: String(64 * MiB), MemoryHigh: String(60 * MiB),
      MemoryLow: String(32 * MiB), MemorySwapMax: '0', CPUWeight: '59', CPUQuotaPerSecUSec: '510ms', AllowedCPUs: '0', TasksMax: '20', CollectMode: 'inactive', TimeoutStopUSec: '7s',
    })
    expect((await system.run('cat', join('/sys/fs/cgroup/machine.slice/machine-inner.slice', unit, 'cgroup.procs'))).stdout.trim()).toBe(pid)
    expect(['memory.max', 'memory.high', 'memory.low', 'memory.swap.max', 'cpu.weight', 'cpu.max', 'cpuset.cpus', 'pids.max'].map(read)).toEqual([String(64 * MiB), String(60 * MiB), String(32 * MiB), '0', '59', '50500 100000', '0', '20'])
    expect(await oci('start', 'one')).toMatchObject(fine)
    // Its group is the root of its cgroup namespace, and who joins is in it.
    expect(await oci('exec', 'one', 'sh', '-c', 'until test -s /tmp/seen; do sleep 0.1; done; grep -h ^0:: /tmp/seen /proc/self/cgroup')).toMatchObject({ ...fine, stdout: '0::/\n0::/\n' })
    expect(await oci('update', '--memory=50331648', '--memory-swap=50331648', '--pids-limit=30', 'one')).toMatchObject(fine)
    expect([read('memory.max'), read('pids.max')]).toEqual(['50331648', '30'])
    expect(await shown(unit, 'MemoryMax', 'TasksMax')).toEqual({ MemoryMax: '50331648', TasksMax: '30' })
    // It writes all that it knows of again; what it does not is left alone, and so is who decides about devices.
    expect((await system.run('systemctl', 'daemon-reload')).code).toBe(0)
    expect([read('memory.max'), read('pids.max'), read('cpuset.cpus')]).toEqual(['50331648', '30', '0'])
    expect(await oci('exec', 'one', 'sh', '-c', 'mknod /tmp/disk b 7 0; cat /tmp/disk; cat /dev/null')).toMatchObject({ stderr: 'cat: can\'t open \'/tmp/disk\': Operation not permitted\n' })
    expect(await oci('pause', 'one')).toMatchObject(fine)
    expect(JSON.parse((await oci('state', 'one')).stdout)).toMatchObject({ status: 'paused' })
    expect(JSON.parse((await oci('ps', '--format=json', 'one')).stdout)).toContain(Number(pid))
    expect(await oci('resume', 'one')).toMatchObject(fine)
    expect(await oci('kill', 'one', 'KILL')).toMatchObject(fine)
    expect(await oci('delete', '--force', 'one')).toMatchObject(fine)
    expect(existsSync(scope)).toBe(false)
    expect(await shown(unit, 'LoadState')).toEqual({ LoadState: 'not-found' })
    expect(bench.left()).toEqual([])
  }, 300_000)

  test('what fails leaves no unit', async () => {
    const broken = bench.bundle('true', (config) => { config.hooks = { createRuntime: [{ path: '/bin/false' }] } })
    expect(await oci('create', '--bundle', broken, 'broken')).toMatchObject({ code: 1, stderr: expect.stringContaining('error running createRuntime hook') as string })
    expect(await shown('runc-broken.scope', 'LoadState')).toEqual({ LoadState: 'not-found' })
    expect(existsSync(join(system.root, 'system.slice/runc-broken.scope'))).toBe(false)
    // The name is another's, in another slice: that one goes on.
    expect(await system.detached('sh', '-c', 'systemd-run --scope --slice=other.slice --unit=runc-taken sleep 1000 & until systemctl is-active runc-taken.scope; do sleep 0.1; done')).toBe(0)
    expect(await oci('create', '--bundle', bench.bundle('true'), 'taken')).toMatchObject({ code: 1, stderr: expect.stringContaining('unable to start unit \\\"runc-taken.scope\\\": systemd: Unit runc-taken.scope') as string })
    expect(await shown('runc-taken.scope', 'ActiveState', 'Slice')).toEqual({ ActiveState: 'active', Slice: 'other.slice' })
    const wrong = bench.bundle('true', (config) => { Object.assign(config.linux, { cgroupsPath: '/docker/one' }) })
    expect(await oci('create', '--bundle', wrong, 'wrong')).toMatchObject({ code: 1, stderr: expect.stringContaining('expected cgroupsPath to be of format \\"slice:prefix:name\\" for systemd cgroups, got \\"/docker/one\\" instead') as string })
    expect(bench.left()).toEqual([])
  }, 120_000)

  const own = [{ containerID: 0, hostID: daemon, size: 1 }]
  const ofUser = (config: BundleConfig) => {
    withGroups(config)
    config.linux.namespaces.push({ type: 'user' })
    Object.assign(config.linux, { uidMappings: own, gidMappings: own, cgroupsPath: 'user.slice:libpod:mine' })
    config.mounts = config.mounts.map((mount) => ({ ...mount, options: mount.options.filter((option) => option !== 'gid=5') }))
    Object.assign(config.linux.resources, { pids: { limit: 9 } })
  }

  test('a user asks the manager of its own', async () => {
    const scope = join(user.root, 'user.slice/libpod-mine.scope')
    const mine = (...words: string[]) => user.run(...bench.command, '--systemd-cgroup', ...words)
    expect(await leaves(user, 'run', '--detach', '--bundle', bench.bundle('while :; do sleep 1; done', ofUser), '--pid-file', join(user.runtimeDirectory, 'pid'), 'mine')).toEqual(fine)
    expect(readFileSync(join(scope, 'pids.max'), 'utf8')).toBe('9\n')
    expect(readFileSync(`/proc/${readFileSync(join(user.runtimeDirectory, 'pid'), 'utf8')}/cgroup`, 'utf8')).toContain(`0::${user.group.path}/manager/user.slice/libpod-mine.scope\n`)
    expect(await mine('exec', 'mine', 'grep', '^0::', '/proc/self/cgroup')).toMatchObject({ ...fine, stdout: '0::/\n' })
    expect(await mine('delete', '--force', 'mine')).toMatchObject(fine)
    expect(existsSync(scope)).toBe(false)
  }, 120_000)

  test('systemd dies while it is asked', async () => {
    const store = new OciStore(bench.root)
    const before = process.env['XDG_RUNTIME_DIR']
    process.env['XDG_RUNTIME_DIR'] = user.runtimeDirectory
    try {
      let index = -1
      const made = create({
        store, id: 'dies', bundle: bench.bundle('true', (config) => { Object.assign(config.linux, { cgroupsPath: 'user.slice:libpod:dies' }) }), systemd: true, rootless: true, stdio: 'ignore',
        weave: { step: (at, call) => {
          // The process is about to say that it waits for its unit: from here on, nobody answers.
          if (index < 0 && call.name === 'write' && call.args[1] === 'unit\n') {
            index = at
            process.kill(user.pid, 'SIGSTOP')
            setTimeout(() => process.kill(user.pid, 'SIGKILL'), 2000)
          }
        } },
      })
      await expect(made).rejects.toThrow(/systemd|--systemd-cgroup/)
      expect(index).toBeGreaterThanOrEqual(0)
    } finally {
      if (before === undefined) delete process.env['XDG_RUNTIME_DIR']
      else process.env['XDG_RUNTIME_DIR'] = before
    }
    expect(bench.left()).toEqual([])
    expect(existsSync(join(user.root, 'user.slice/libpod-dies.scope'))).toBe(false)
  }, 120_000)
})
