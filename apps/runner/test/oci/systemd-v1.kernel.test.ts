// Some 15 s on a host with cgroup v1, where systemd 252 begins in namespaces of its own, once as on a hybrid host and once as on one with version 1 alone.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasBusybox, OciBench } from './oci.ts'
import { unable } from './rootless.ts'
import { SystemManager, withoutSystemdOnV1 } from './systemd.ts'

const reason = unable || withoutSystemdOnV1 || (hasBusybox ? false : 'needs busybox')
const MiB = 2 ** 20

describe.skipIf(reason).each(['hybrid', 'legacy'])(`groups of version 1 that systemd makes, %s${reason ? ` (${reason})` : ''}`, (kind) => {
  let bench: OciBench
  let system: SystemManager
  beforeAll(async () => {
    bench = await OciBench.make()
    system = await SystemManager.start({ legacy: kind === 'legacy' })
  }, 300_000)
  afterAll(async () => {
    await system?.end()
    bench?.remove()
  }, 300_000)

  const fine = { code: 0, stderr: '' }
  const oci = (...words: string[]) => system.run(...bench.argv('--systemd-cgroup', ...words))
  const shown = async (unit: string, ...properties: string[]) => {
    const { stdout } = await system.run('systemctl', 'show', '--no-pager', ...properties.map((each) => `--property=${each}`), unit)
    return stdout.trim().split('\n').sort()
  }

  test('a scope from create to delete', async () => {
    const unit = 'libpod-one.scope'
    const path = `machine.slice/machine-inner.slice/${unit}`
    const at = (controller: string) => join(system.rootOf(controller), path)
    const read = (file: string, controller = file.split('.')[0]!) => readFileSync(join(at(controller), file), 'utf8').trim()
    const bundle = bench.bundle('while :; do sleep 1; done', (config) => {
      Object.assign(config, { annotations: { 'org.systemd.property.TimeoutStopSec': 'uint16 7', 'org.systemd.property.Description': "'of the annotation'", 'org.systemd.property.CollectMode': "'inactive'" } })
      Object.assign(config.linux, { cgroupsPath: 'machine-inner.slice:libpod:one' })
      Object.assign(config.linux.resources, { memory: { limit: 64 * MiB, reservation: 32 * MiB }, cpu: { quota: 50_500, period: 100_000, shares: 512, cpus: '0' }, pids: { limit: 20 } })
      ;(config.linux.resources['devices'] as object[]).push({ allow: true, type: 'c', major: 10, minor: 200, access: 'rw' })
    })
    const log = join(bench.directory, 'log')
    const code = await system.detached(...bench.argv('--log', log, '--systemd-cgroup', 'create', '--bundle', bundle, '--pid-file', join(bench.directory, 'pid'), 'one'))
    expect({ code, said: readFileSync(log, 'utf8') }).toEqual({ code: 0, said: '' })
    const pid = readFileSync(join(bench.directory, 'pid'), 'utf8')
    expect(await shown(unit, 'ControlGroup', 'ActiveState', 'Slice', 'Delegate', 'Description', 'MemoryLimit', 'CPUShares', 'CPUQuotaPerSecUSec', 'AllowedCPUs', 'TasksMax', 'CollectMode', 'TimeoutStopUSec', 'DevicePolicy')).toEqual([
      'ActiveState=active', 'AllowedCPUs=0', 'CPUQuotaPerSecUSec=510ms', 'CPUShares=512', 'CollectMode=inactive', `ControlGroup=/${path}`, 'Delegate=yes', 'Description=of the annotation', 'DevicePolicy=strict',
      `MemoryLimit=${64 * MiB}`, 'Slice=machine-inner.slice', 'TasksMax=20', 'TimeoutStopUSec=7s',
    ])
    const limits = () => [read('memory.limit_in_bytes'), read('memory.soft_limit_in_bytes'), read('cpu.shares'), read('cpuset.cpus'), read('pids.max')]
    expect(limits()).toEqual([String(64 * MiB), String(32 * MiB), '512', '0', '20'])
    // In the hierarchies that systemd knows nothing of as well.
    const elsewhere = async () => (await system.run('cat', `/proc/${pid}/cgroup`)).stdout.trim().split('\n').filter((line) => !line.endsWith(`:/${path}`))
    const unified = kind === 'legacy' ? ['0::/'] : []
    expect(await elsewhere()).toEqual(unified)
    const devices = read('devices.list').split('\n').sort()
    expect(devices).toContain('c 10:200 rw')
    expect(devices).not.toContain('a *:* rwm')
    expect(await oci('start', 'one')).toMatchObject(fine)
    const groups = (text: string) => text.trim().split('\n').sort()
    expect(groups((await oci('exec', 'one', 'cat', '/proc/self/cgroup')).stdout)).toEqual(groups((await oci('exec', 'one', 'cat', '/proc/1/cgroup')).stdout))
    // It writes all that it knows of again, and what it writes of devices is what they were.
    expect(await oci('update', '--memory=50331648', '--pids-limit=30', 'one')).toMatchObject(fine)
    expect(limits()).toEqual(['50331648', String(32 * MiB), '512', '0', '30'])
    expect(read('devices.list').split('\n').sort()).toEqual(devices)
    expect((await system.run('systemctl', 'set-property', '--runtime', unit, 'TasksMax=31')).code).toBe(0)
    expect((await system.run('systemctl', 'daemon-reload')).code).toBe(0)
    expect(limits()).toEqual(['50331648', String(32 * MiB), '512', '0', '31'])
    expect(read('devices.list').split('\n').sort()).toEqual(devices)
    expect(await shown(unit, 'MemoryLimit', 'TasksMax')).toEqual(['MemoryLimit=50331648', 'TasksMax=31'])
    expect(await elsewhere()).toEqual(unified)
    expect(await oci('pause', 'one')).toMatchObject(fine)
    expect(JSON.parse((await oci('state', 'one')).stdout)).toMatchObject({ status: 'paused' })
    expect(await oci('resume', 'one')).toMatchObject(fine)
    expect(await oci('kill', 'one', 'KILL')).toMatchObject(fine)
    expect(await oci('delete', '--force', 'one')).toMatchObject(fine)
    expect(system.roots.map((root) => join(root, path)).filter((directory) => existsSync(directory))).toEqual([])
    expect(await shown(unit, 'LoadState')).toEqual(['LoadState=not-found'])
    expect(bench.left()).toEqual([])
  }, 120_000)

  test('what cannot be leaves no unit', async () => {
    const annotated = (name: string, text: string) => bench.bundle('true', (config) => { Object.assign(config, { annotations: { [`org.systemd.property.${name}`]: text } }) })
    const refused = (stderr: string) => ({ code: 1, stdout: '', stderr: expect.stringContaining(stderr) as string })
    expect(await oci('create', '--bundle', annotated('FooBar', '5'), 'wrong')).toMatchObject(refused('annotations[\\"org.systemd.property.FooBar\\"]: unable to start unit \\"runc-wrong.scope\\": systemd: Cannot set property FooBar, or unknown property.'))
    expect(await oci('create', '--bundle', annotated('CollectMode', 'inactive'), 'wrong')).toMatchObject(refused('annotations[\\"org.systemd.property.CollectMode\\"]: \\"inactive\\" is no value in the text format of GVariant'))
    expect(await oci('--rootless=true', 'create', '--bundle', bench.bundle('true'), 'wrong')).toMatchObject(refused('--systemd-cgroup: groups of cgroup version 1 are root\'s alone'))
    expect(await shown('runc-wrong.scope', 'LoadState')).toEqual(['LoadState=not-found'])
    expect(system.roots.map((root) => join(root, 'system.slice/runc-wrong.scope')).filter((directory) => existsSync(directory))).toEqual([])
    expect(bench.left()).toEqual([])
  }, 120_000)
})
