import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../ctrun.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'

// overlayfs has no ID-mapped mounts (fs/overlayfs/super.c: no FS_ALLOW_IDMAP).
const overlay = statfsSync(tmpdir()).type === 0x794c7630

describe.skipIf(!hasBusybox || overlay)('a mount with mapped IDs', () => {
  let bench: OciBench
  beforeAll(async () => { bench = await OciBench.make() })
  afterAll(() => bench.remove())
  const id = `mapped-${process.pid}`
  const maps = (first: number) => [{ containerID: 0, hostID: first, size: 2000 }]
  const look = 'stat -c %u:%g /vol/old; touch /vol/new && stat -c %u:%g /vol/new'

  function bundle(entry: Record<string, unknown>, change: (config: BundleConfig) => void = () => {}) {
    const volume = mkdtempSync(join(bench.directory, 'volume-'))
    writeFileSync(join(volume, 'old'), '')
    const directory = bench.bundle(look, (config) => {
      config.mounts.push({ destination: '/vol', type: 'bind', source: volume, options: ['rbind'], ...entry })
      change(config)
    })
    return { volume, directory }
  }
  const inUserNamespace = (config: BundleConfig) => {
    config.linux.namespaces.push({ type: 'user' })
    Object.assign(config.linux, { uidMappings: maps(5000), gidMappings: maps(5000) })
    config.mounts = config.mounts.map((mount) => (mount.type === 'devpts' ? { ...mount, options: mount.options.filter((option) => !option.startsWith('gid=')) } : mount))
  }

  test('maps of its own, without a user namespace: what is on disk as 0 is seen as 1000', async () => {
    const { volume, directory } = bundle({ options: ['rbind', 'idmap'], uidMappings: maps(1000), gidMappings: maps(1000) }, (config) => { config.process.user = { uid: 1000, gid: 1001 } })
    expect(await bench.oci('run', '--bundle', directory, id)).toMatchObject({ code: 0, stdout: '1000:1000\n1000:1001\n', stderr: '' })
    expect([statSync(join(volume, 'new')).uid, statSync(join(volume, 'new')).gid]).toEqual([0, 1])
  })

  test('in a user namespace, read-only: maps of its own need not say idmap', async () => {
    const { directory } = bundle({ options: ['rbind', 'ro'], uidMappings: maps(5007), gidMappings: maps(5000) }, (config) => {
      inUserNamespace(config)
      config.process.args = ['sh', '-c', 'stat -c %u:%g /vol/old; touch /vol/new 2>&1']
    })
    expect(await bench.oci('run', '--bundle', directory, id)).toMatchObject({ stdout: '7:0\ntouch: /vol/new: Read-only file system\n', stderr: '' })
  })

  test.each(['idmap', 'ridmap'])('%s alone is with the maps of the container', async (option) => {
    const { volume, directory } = bundle({ options: ['rbind', option] }, inUserNamespace)
    expect(await bench.oci('run', '--bundle', directory, id)).toMatchObject({ code: 0, stdout: '0:0\n0:0\n', stderr: '' })
    expect(statSync(join(volume, 'new')).uid).toBe(0)
  })

  test('and with those of a user namespace that is another\'s', async () => {
    const holder = spawn('unshare', ['--user', 'sleep', '60'], { stdio: 'ignore' })
    try {
      await until(() => readFileSync(`/proc/${holder.pid}/comm`, 'utf8') === 'sleep\n', 'it is in its namespace')
      for (const name of ['uid_map', 'gid_map']) writeFileSync(`/proc/${holder.pid}/${name}`, '0 7000 2000')
      const { volume, directory } = bundle({ options: ['rbind', 'idmap'] }, (config) => {
        inUserNamespace(config)
        for (const name of ['uidMappings', 'gidMappings']) delete config.linux[name]
        config.linux.namespaces = config.linux.namespaces.map(({ type }) => (type === 'user' ? { type, path: `/proc/${holder.pid}/ns/user` } : { type }))
      })
      expect(await bench.oci('run', '--bundle', directory, id)).toMatchObject({ code: 0, stdout: '0:0\n0:0\n', stderr: '' })
      expect(statSync(join(volume, 'new')).uid).toBe(0)
    } finally {
      holder.kill('SIGKILL')
    }
  })

  test('what cannot be is said with its place, before anything is made', async () => {
    const said = async (entry: Record<string, unknown>) => (await bench.oci('create', '--bundle', bundle(entry).directory, id)).stderr
    expect(await said({ options: ['rbind', 'idmap'] })).toContain('mounts[4].options: idmap needs uidMappings and gidMappings, or a user namespace in linux.namespaces to take them from')
    expect(await said({ type: 'tmpfs', options: ['ridmap'] })).toContain('mounts[4].options: only of a bind mount the IDs can be mapped')
    expect(await said({ type: 'tmpfs', options: [], uidMappings: maps(1), gidMappings: maps(1) })).toContain('mounts[4].uidMappings: only of a bind mount the IDs can be mapped')
    expect(bench.left()).toEqual([])
  })

  test('a file system that cannot map them: the call that was refused, and why; nothing is left', async () => {
    const { directory } = bundle({ source: '/proc/sys', options: ['rbind', 'idmap'], uidMappings: maps(1), gidMappings: maps(1) })
    expect((await bench.oci('run', '--bundle', directory, id)).stderr).toMatch(/mount_setattr\(.*MOUNT_ATTR_IDMAP.*EINVAL.*the file system has no ID mappings/)
    expect(bench.left()).toEqual([])
  })

  test('explain prints where the maps come from, and features that there are any', async () => {
    const { directory } = bundle({ options: ['rbind'], uidMappings: maps(1000), gidMappings: maps(1000) })
    expect((await bench.oci('explain', directory)).stdout).toMatch(/mount_setattr\(\d+<mount 4>, "", AT_EMPTY_PATH, \{attr_set=MOUNT_ATTR_IDMAP, attr_clr=0, propagation=.*, userns_fd=\d+<ids 0>\}/)
    expect(JSON.parse((await bench.oci('features')).stdout)).toMatchObject({ linux: { mountExtensions: { idmap: { enabled: true } } }, mountOptions: expect.arrayContaining(['idmap', 'ridmap']) })
  })
})
