import { existsSync, readdirSync } from 'node:fs'
import { child, create, delegate, deleteGroup, group, read } from '@ctr/cgroup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layout } from './group.ts'
import { OciBench, type BundleConfig } from './oci.ts'
import { daemon, unable, User, withoutCommands } from './rootless.ts'

const reason = unable || (layout.mode === 'v2' ? false : 'needs cgroup v2 with controllers')

describe.skipIf(reason)(`a group that was lent to an ordinary user${reason ? ` (${reason})` : ''}`, () => {
  const lent = group(layout, `/ctrun-lent-${process.pid}`)
  const { directory } = lent.places[0] ?? { directory: '' }
  let bench: OciBench
  let user: User
  const before = `echo $$ > ${directory}/session/cgroup.procs`
  beforeAll(async () => {
    bench = await OciBench.make()
    // As systemd does it for a user: what it runs is in a group below, so that the one above can have others with limits.
    create(child(lent, 'session'), { enable: ['memory', 'pids'] })
    for (const each of [lent, child(lent, 'session')]) delegate(each, daemon, daemon)
    user = new User(bench, { before })
  })
  afterAll(async () => {
    bench.remove()
    await deleteGroup(lent)
  })
  const id = `lent-${process.pid}`
  const own = [{ containerID: 0, hostID: daemon, size: 1 }]
  const mapped = (map: readonly object[]) => (each: BundleConfig) => {
    each.linux.namespaces.push({ type: 'user' }, { type: 'cgroup' })
    Object.assign(each.linux, { uidMappings: map, gidMappings: map })
    if (map === own) each.mounts = each.mounts.map((mount) => ({ ...mount, options: mount.options.filter((option) => option !== 'gid=5') }))
    each.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev'] })
    each.linux.resources = { ...each.linux.resources, pids: { limit: 9 }, memory: { limit: 2 ** 26 } }
  }
  const config = mapped(own)

  test('containers have their groups and limits below it, and may divide them', async () => {
    const script = 'cat /proc/self/cgroup; cd /sys/fs/cgroup; cat pids.max memory.max; mkdir below && echo 1 > below/cgroup.procs && cat /proc/1/cgroup'
    expect(await user.oci('run', '--bundle', bench.bundle(script, config), id)).toMatchObject({ stdout: '0::/\n9\n67108864\n0::/below\n', stderr: '', code: 0 })
    expect(readdirSync(directory).filter((name) => name.startsWith('ctrun-oci'))).toEqual([])
  })

  test.skipIf(withoutCommands)(`with ranges of subordinate IDs as well${withoutCommands ? ` (${withoutCommands})` : ''}`, async () => {
    const wide = [{ containerID: 0, hostID: daemon, size: 1 }, { containerID: 1, hostID: 700_000, size: 65_536 }]
    const bundle = bench.bundle('id; cat /proc/self/setgroups; cd /sys/fs/cgroup; cat pids.max memory.max', (each) => {
      mapped(wide)(each)
      each.process.user = { uid: 1000, gid: 1000, additionalGids: [2000] }
    })
    expect(await new User(bench, { before, subIds: 'daemon:700000:65536\n' }).oci('run', '--bundle', bundle, id)).toMatchObject({ stdout: 'uid=1000(user) gid=1000 groups=1000,2000\nallow\n9\n67108864\n', stderr: '', code: 0 })
  })

  test('they are paused, changed, and gone with it', async () => {
    expect(await user.detached('run', '--detach', '--bundle', bench.bundle('sleep 1000', config), id)).toBe(0)
    const container = child(lent, `ctrun-oci-${id}`)
    expect(await user.oci('pause', id)).toMatchObject({ code: 0, stderr: '' })
    expect(read(container, 'cgroup.events')).toContain('frozen 1')
    expect(await user.oci('update', '--pids-limit=11', id)).toMatchObject({ code: 0, stderr: '' })
    expect(read(container, 'pids.max')).toBe('11\n')
    expect(await user.oci('delete', '--force', id)).toMatchObject({ code: 0, stderr: '' })
    expect(existsSync(`${directory}/ctrun-oci-${id}`)).toBe(false)
  })
})
