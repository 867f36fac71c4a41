import { existsSync, readFileSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { create as makeGroup, deleteGroup, group, procs, read, stat } from '@ctr/cgroup'
import { describe, expect, onTestFinished, test } from 'vitest'
import { statsEvent, wideJson } from '../../src/oci/cli/stats-event.ts'
import { usageOf } from '../../src/oci/cli/usage.ts'
import { oomNotices } from '../../src/oci/lifecycle/oom-notices.ts'
import { containers, hierarchies, layout } from './group.ts'
import { until } from '../ctrun.ts'
import { hasBusybox, type BundleConfig } from './oci.ts'

const MiB = 2 ** 20
const v2 = layout.mode === 'v2'
/** Where a hierarchy without any controller is mounted. */
const named = layout.hierarchies.find(({ version, controllers }) => version === 1 && controllers.every((name) => name.startsWith('name=')))?.mountpoint.split('/').at(-1)
const loop = 'while :; do echo on; sleep 0.01; done'

const withGroups = (...options: string[]) => (config: BundleConfig) => {
  config.linux.namespaces.push({ type: 'cgroup' })
  config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', ...options] })
}

describe.skipIf(!hasBusybox)(`the group of a container of a bundle, on ${layout.mode}`, () => {
  const { made } = containers()

  test('limits are there before the command is, and hold; update changes them, and what it does not name stays', async () => {
    const container = await made('(tail /dev/zero) 2>/dev/null; echo $?; for n in 1 2 3 4 5 6 7 8 9; do sleep 9 & done 2>&1', (config) => {
      config.linux.resources = {
        ...config.linux.resources, memory: { limit: 24 * MiB, swap: 24 * MiB, reservation: 16 * MiB }, cpu: { quota: 50_000, period: 100_000, shares: 512, cpus: '0' }, pids: { limit: 5 },
      }
    })
    expect(stat(container.group)).toMatchObject({ memory: { limitBytes: 24 * MiB }, pids: { max: 5 } })
    const [quota, cpus] = v2 ? [read(container.group, 'cpu.max'), read(container.group, 'cpuset.cpus')] : [read(container.group, 'cpu.cfs_quota_us'), read(container.group, 'cpuset.cpus')]
    expect([quota, cpus]).toEqual([v2 ? '50000 100000\n' : '50000\n', '0\n'])
    await container.oci('update', '--memory=50331648', '--memory-swap=50331648', '--cpu-quota=70000', '--cpuset-cpus=0-1')
    expect(stat(container.group)).toMatchObject({ memory: { limitBytes: 48 * MiB }, pids: { max: 5 } })
    expect(read(container.group, v2 ? 'cpu.max' : 'cpu.cfs_quota_us')).toBe(v2 ? '70000 100000\n' : '70000\n')
    expect(read(container.group, 'cpuset.cpus')).toBe('0-1\n')
    await container.oci('start')
    expect(await container.next()).toBe('137')
    expect(await container.next()).toMatch(/can't fork/)
    const { memory, pids } = stat(container.group)
    expect([memory!.oomKills! > 0, pids!.refused! > 0]).toEqual([true, true])
  })

  test('a group that was there, of which all were killed once, is joined as any other, before anything else happens', async () => {
    const own = group(layout, `/ctrun-killed-${process.pid}`, { uncontrolled: true })
    onTestFinished(() => deleteGroup(own))
    makeGroup(own)
    for (const { directory } of own.places.filter(({ version }) => version === 2)) writeFileSync(`${directory}/cgroup.kill`, '1')
    const container = await made('cat /proc/self/cgroup; sleep 1000', (config) => {
      config.linux['cgroupsPath'] = own.path
      if (v2) config.linux.resources['pids'] = { limit: 7 }
    })
    // In all hierarchies; a namespace, which is made behind that, has them for its roots.
    const within = () => readFileSync(`/proc/${container.pid()}/cgroup`, 'utf8').trim().split('\n').map((line) => line.replace(/.*:/, ''))
    const expected = own.places.map(() => own.path)
    expect(within().filter((path) => path !== '/').sort()).toEqual(expected)
    await container.oci('start')
    expect((await container.exec('cat', '/proc/self/cgroup')).split('\n').filter((line) => line.endsWith(own.path))).toHaveLength(expected.length)
    expect(procs(own)).toContain(container.pid())
  })

  test('a period without a quota has none; of a quota and its period, update changes what it names', async () => {
    const container = await made('true', (config) => { config.linux.resources['cpu'] = { period: 50_000, shares: 2 } })
    const bandwidth = () => (v2 ? ['cpu.max'] : ['cpu.cfs_quota_us', 'cpu.cfs_period_us']).flatMap((file) => read(container.group, file).trim().split(' '))
    const none = v2 ? 'max' : '-1'
    expect(bandwidth()).toEqual([none, '50000'])
    await container.oci('update', '--cpu-quota=20000')
    expect(bandwidth()).toEqual(['20000', '50000'])
    await container.oci('update', '--cpu-period=80000')
    expect(bandwidth()).toEqual(['20000', '80000'])
    await container.oci('update', `--resources=${container.file('{"cpu":{"quota":-1}}')}`)
    expect(bandwidth()).toEqual([none, '80000'])
  })

  test.skipIf(!v2)('unified: files of the group by name, with the controllers that they need (cgroup v2)', async () => {
    const unified = { 'memory.high': '33554432', 'cpuset.mems': '0', 'cgroup.max.depth': '1', 'memory.oom.group': '1' }
    const container = await made('cd /sys/fs/cgroup; cat memory.high cpuset.mems cgroup.max.depth memory.oom.group; cat /proc/self/cgroup', (config) => {
      withGroups('ro')(config)
      config.linux.resources['unified'] = unified
    })
    await container.oci('start')
    expect([await container.next(), await container.next(), await container.next(), await container.next()]).toEqual(Object.values(unified))
    // It is the root of what the container sees.
    expect(await container.next()).toBe('0::/')
  })

  test('a file that is not there: the path of the member, and nothing is made', async () => {
    const wrong = made('true', (config) => { config.linux.resources['unified'] = { 'nothing.max': '1' } })
    await expect(wrong).rejects.toThrow(v2 || layout.mode === 'hybrid' ? 'linux.resources.unified["nothing.max"]: "1" cannot be set: no hierarchy of cgroup v2 here has the controller nothing' : 'linux.resources.unified')
    if (v2) await expect(made('true', (config) => { config.linux.resources['unified'] = { 'memory.nothing': '1' } })).rejects.toThrow(/memory\.nothing.*ENOENT/)
  })

  test('what is no device of its own cannot be opened, though it can be made; update lets it, and takes it away again', async () => {
    // There is no driver behind it: who may open it is told so.
    const container = await made('mknod /dev/none c 240 7; while :; do head -c 1 /dev/none 2>&1; sleep 0.05; done')
    await container.oci('start')
    const refused = /Operation not permitted/
    expect(await container.next()).toMatch(refused)
    const rule = (...more: object[]) => container.oci('update', `--resources=${container.file(JSON.stringify({ devices: [{ allow: false, access: 'rwm' }, ...more] }))}`)
    await rule({ allow: true, type: 'c', major: 240, minor: 7, access: 'r' })
    await until(async () => /No such device/.test(await container.next()), 'it may be opened')
    await rule()
    await until(async () => refused.test(await container.next()), 'it may not')
  })

  test('paused, nothing of it runs and nobody can join; killed while it is paused, it is gone', async () => {
    const container = await made(loop)
    await container.oci('start')
    await container.next()
    await container.oci('pause')
    expect(container.status()).toBe('paused')
    const used = stat(container.group).cpu!.usageNanos
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(stat(container.group).cpu!.usageNanos).toBe(used)
    await expect(container.oci('exec', 'true')).rejects.toThrow('cannot exec in a paused container')
    await container.oci('resume')
    expect(container.status()).toBe('running')
    await container.oci('pause')
    await container.oci('kill', 'KILL')
    expect(await (await container.process).exited).toMatchObject({ signal: 'SIGKILL' })
    expect(container.status()).toBe('stopped')
  })

  test('exec that ignores that it is paused runs when it is resumed', async () => {
    const container = await made('sleep 1000')
    await container.oci('start')
    await container.oci('pause')
    const [first] = procs(container.group)
    const joined = container.execWith({ ignorePaused: true }, 'hostname')
    joined.catch(() => {})
    await until(() => procs(container.group).length === 2, 'it is in the group')
    expect([container.status(), procs(container.group)[0]]).toEqual(['paused', first])
    await container.oci('resume')
    expect(await joined).toBe('inside\n')
  })

  test('each time that memory has run out in it is told', async () => {
    const container = await made('for i in 1 2; do (tail /dev/zero) 2>/dev/null; done; echo twice; sleep 1000', (config) => { config.linux.resources = { ...config.linux.resources, memory: { limit: 24 * MiB, swap: 24 * MiB } } })
    const end = new AbortController()
    let told = 0
    const all = (async () => { for await (const count of oomNotices(container.group, end.signal)) told += count })()
    await container.oci('start')
    expect(await container.next()).toBe('twice')
    await until(() => told >= 2, 'it is told')
    await container.oci('kill', 'KILL')
    await (await container.process).exited
    // Version 1 has its end with the group, version 2 when nobody is in it.
    if (v2) await all
    end.abort()
    await all
    expect(told).toBe(2)
  })

  test.skipIf(v2)('without the killer of processes they wait for memory, which is told; update gives them some, and the killer back (cgroup v1)', async () => {
    // Memory that it touches itself: a system call that finds none for its caller does not wait, but fails (mm/memcontrol-v1.c).
    const container = await made('text=a; while [ ${#text} -lt 16777216 ]; do text=$text$text; done; echo ${#text}; sleep 1000', (config) => {
      config.linux.resources['memory'] = { limit: 12 * MiB, swap: 12 * MiB, disableOOMKiller: true, kernelTCP: 4 * MiB }
    })
    expect([read(container.group, 'memory.oom_control').split('\n')[0], read(container.group, 'memory.kmem.tcp.limit_in_bytes')]).toEqual(['oom_kill_disable 1', `${4 * MiB}\n`])
    const notices = oomNotices(container.group, new AbortController().signal)
    onTestFinished(() => void notices.return())
    await container.oci('start')
    expect((await notices.next()).value).toBeGreaterThan(0)
    await until(() => read(container.group, 'memory.oom_control').includes('under_oom 1'), 'somebody waits')
    await container.oci('update', `--resources=${container.file(JSON.stringify({ memory: { limit: 96 * MiB, swap: 96 * MiB, disableOOMKiller: false } }))}`)
    expect(await container.next()).toBe(String(16 * MiB))
    expect(read(container.group, 'memory.oom_control')).toMatch(/^oom_kill_disable 0\nunder_oom 0\noom_kill 0\n/)
  })

  test.skipIf(!v2)('what only version 1 has is refused with its path (cgroup v2)', async () => {
    await expect(made('true', (config) => { config.linux.resources['memory'] = { disableOOMKiller: true } })).rejects.toThrow('linux.resources.memory.disableOOMKiller: cgroup version 2 cannot switch it off')
    await expect(made('true', (config) => { config.linux.resources['memory'] = { kernelTCP: 4096 } })).rejects.toThrow('linux.resources.memory.kernelTCP: cgroup version 2 counts buffers of TCP as memory')
    const container = await made('true', (config) => { config.linux.resources['memory'] = { disableOOMKiller: false, kernelTCP: -1 } })
    await expect(container.oci('update', `--resources=${container.file('{"memory":{"disableOOMKiller":true}}')}`)).rejects.toThrow('resources.memory.disableOOMKiller: cgroup version 2')
  })

  test('kill --all reaches what the first process has left behind, where they share the host\'s PIDs', async () => {
    const container = await made('(trap "" TERM; sleep 1000) & sleep 1000 & echo left', (config) => { config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid') })
    await container.oci('start')
    await container.next()
    await (await container.process).exited
    expect([container.status(), procs(container.group).length > 1]).toEqual(['stopped', true])
    await container.oci('kill', '--all', '9')
    await until(() => procs(container.group).length === 0, 'all are gone')
  })

  test('events tell what it uses', async () => {
    const container = await made('i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; sleep 1000 & echo used; wait', (config) => { config.linux.resources = { ...config.linux.resources, pids: { limit: 50 }, memory: { limit: 64 * MiB } } })
    await container.oci('start')
    await container.next()
    const { data } = JSON.parse(wideJson(statsEvent(container.id, usageOf(container.group)))) as { data: { cpu: { usage: Record<string, number> }; memory: { usage: { usage: number; limit: number; max?: number } }; pids: { current: number; limit: number } } }
    expect(data).toMatchObject({ memory: { usage: { limit: 64 * MiB } }, pids: { current: 2, limit: 50 } })
    expect([data.cpu.usage['total']! > 1e6, data.memory.usage.usage > 4096, data.memory.usage.usage < 64 * MiB]).toEqual([true, true, true])
  })

  test.each([['none', undefined], ['ours, by path', `/proc/${process.pid}/ns/cgroup`]])('with no cgroup namespace of its own (%s), its group is all it sees, and the host\'s mounts stay as they are', async (_, path) => {
    const before = hierarchies()
    const container = await made('cd /sys/fs/cgroup; [ -d memory ] && cd memory; cat cgroup.procs; for f in */; do echo $f; done; mkdir x 2>&1', (config) => {
      withGroups('ro')(config)
      config.linux.namespaces = config.linux.namespaces.flatMap((each) => (each.type !== 'cgroup' ? [each] : path === undefined ? [] : [{ ...each, path }]))
    })
    await container.oci('start')
    // The shell, and cat. A pattern that nothing fits stays as it is.
    expect([await container.next(), await container.next(), await container.next(), await container.next()]).toEqual(['1', expect.stringMatching(/^\d+$/), '*/', expect.stringContaining('Read-only')])
    expect(hierarchies()).toEqual(before)
  })

  test('it is at its path in every hierarchy, also where that limits nothing; what joins it too', async () => {
    const path = `/ctrun-oci-everywhere-${process.pid}`
    // Behind the container's own group, which is below.
    onTestFinished(() => { for (const { directory } of group(layout, path, { uncontrolled: true }).places) rmdirSync(directory) })
    const container = await made('grep -v "^$" /proc/self/cgroup; echo; sleep 1000', (config) => { config.linux['cgroupsPath'] = `${path}/below` })
    await container.oci('start')
    const mounted = new Set(layout.hierarchies.flatMap(({ version, controllers }) => (version === 2 ? [''] : controllers)))
    const elsewhere = (text: string) => text.split('\n').filter((line) => line !== '' && mounted.has(line.split(':')[1]!.split(',')[0]!) && !line.endsWith(`:${path}/below`))
    let first = ''
    for (let line = await container.next(); line !== ''; line = await container.next()) first += `${line}\n`
    expect(first.match(/\n/g)!.length).toBeGreaterThanOrEqual(layout.hierarchies.length)
    expect([elsewhere(first), elsewhere(await container.exec('cat', '/proc/self/cgroup'))]).toEqual([[], []])
  })

  test.skipIf(!named)('in its own cgroup namespace it finds a hierarchy that only has a name by that (cgroup v1)', async () => {
    const container = await made(`cat /sys/fs/cgroup/${named}/cgroup.procs; echo; sleep 1000`, withGroups('ro'))
    await container.oci('start')
    expect(await container.next()).toBe('1')
  })

  const mapped = (uid: number) => (config: BundleConfig) => {
    config.linux.namespaces.push({ type: 'user' })
    Object.assign(config.linux, { uidMappings: [{ containerID: 0, hostID: 100_000, size: 1000 }], gidMappings: [{ containerID: 0, hostID: 100_000, size: 1000 }] })
    config.process.user['uid'] = uid
  }

  test.skipIf(!v2)('who may write to it may divide it, and not raise its limits (cgroup v2)', async () => {
    const container = await made('cd /sys/fs/cgroup; mkdir init jobs && echo 1 > init/cgroup.procs && echo +pids +memory > cgroup.subtree_control && echo 3 > jobs/pids.max && cat jobs/pids.max; (echo max > pids.max) 2>&1; echo done; sleep 1000', (config) => {
      withGroups()(config)
      mapped(0)(config)
      config.linux.resources['pids'] = { limit: 20 }
    })
    const { directory } = container.group.places[0]!
    const owner = (file: string) => statSync(`${directory}/${file}`).uid
    expect(['.', 'cgroup.procs', 'cgroup.subtree_control', 'pids.max', 'memory.max'].map(owner)).toEqual([100_000, 100_000, 100_000, 0, 0])
    await container.oci('start')
    expect(await container.next()).toBe('3')
    expect(await container.next()).toMatch(/[Pp]ermission denied/)
    await container.next()
    expect(readFileSync(`${directory}/pids.max`, 'utf8')).toBe('20\n')
    expect(readdirSync(directory)).toContain('jobs')
    // What joins it cannot be in its group any more: processes live in leaves only.
    const joined = await container.exec('cat', '/proc/self/cgroup')
    expect(joined).toBe('0::/init\n')
  })

  test.skipIf(!v2)('a group that is read-only inside, or seen from the host\'s namespace, stays its maker\'s (cgroup v2)', async () => {
    const readOnly = await made('true', (config) => { withGroups('ro')(config); mapped(0)(config) })
    const host = await made('true', (config) => { withGroups()(config); mapped(0)(config); config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'cgroup') })
    for (const { group: { places: [place] } } of [readOnly, host]) expect(statSync(place!.directory).uid).toBe(0)
  })

  test.skipIf(!v2)('cgroupsPath: below a group that gives its children controllers; below one with processes it is refused (cgroup v2)', async () => {
    const parent = makeGroup(group(layout, `/ctrun-oci-parent-${process.pid}`))
    onTestFinished(() => deleteGroup(parent))
    const inside = await made('true', (config) => { config.linux['cgroupsPath'] = `${parent.path}/a/b`; config.linux.resources['pids'] = { limit: 7 } })
    expect(read(inside.group, 'pids.max')).toBe('7\n')
    expect(existsSync(`${parent.places[0]!.directory}/a/b`)).toBe(true)
    const lived = await made('sleep 1000', (config) => { config.linux['cgroupsPath'] = `${parent.path}/lived` })
    await expect(made('true', (config) => { config.linux['cgroupsPath'] = `${lived.group.path}/below`; config.linux.resources['pids'] = { limit: 7 } })).rejects.toThrow(/EBUSY[\s\S]*processes live in leaves only/)
  })
})
