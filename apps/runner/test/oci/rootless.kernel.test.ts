import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { finished, until } from '../ctrun.ts'
import { OciBench, type BundleConfig } from './oci.ts'
import { daemon, unable, User, withoutCommands } from './rootless.ts'
import { SeccompAgent } from './seccomp-agent.ts'

const own = [{ containerID: 0, hostID: daemon, size: 1 }]
const wide = [{ containerID: 0, hostID: daemon, size: 1 }, { containerID: 1, hostID: 700_000, size: 65_536 }]
const subIds = `daemon:700000:65536\n`

/** What an ordinary user can have of the example. */
const mapped = (map: readonly object[], ...changes: ((config: BundleConfig) => void)[]) => (config: BundleConfig) => {
  config.linux.namespaces.push({ type: 'user' }, { type: 'cgroup' })
  Object.assign(config.linux, { uidMappings: map, gidMappings: map })
  if (map === own) config.mounts = config.mounts.map((mount) => ({ ...mount, options: mount.options.filter((option) => option !== 'gid=5') }))
  for (const change of changes) change(config)
}

describe.skipIf(unable)(`containers of bundles by an ordinary user${unable ? ` (${unable})` : ''}`, () => {
  let bench: OciBench
  beforeAll(async () => { bench = await OciBench.make() })
  afterEach(() => {
    const places = [join(bench.directory, 'run/ctrun-oci'), bench.root]
    expect(places.flatMap((place) => (existsSync(place) ? readdirSync(place) : []))).toEqual([])
  })
  afterAll(() => bench.remove())
  const id = `rootless-${process.pid}`
  const nobody = () => new User(bench, { path: '/nonexistent' })

  test('with the one ID that is its own, and no newuidmap: root inside, groups denied, the host\'s devices', async () => {
    const script = 'id -u; cat /proc/self/setgroups; echo x > /dev/null; head -c 3 /dev/zero | cat -v; touch /tmp/mine; grep -c . /proc/self/uid_map; hostname; grep CapEff /proc/self/status'
    const { stdout, stderr, code } = await nobody().oci('run', '--bundle', bench.bundle(script, mapped(own)), id)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toEqual(['0', 'deny', '^@^@^@1', 'inside', expect.stringMatching(/^CapEff:\t00000000080000e3$/), ''])
    expect(statSync(join(bench.rootfs, 'tmp/mine')).uid).toBe(daemon)
  })

  test('created, started, joined, killed and deleted, each by a command of its own', async () => {
    const user = nobody()
    const state = async () => JSON.parse((await user.oci('state', id)).stdout) as { status: string; pid: number }
    expect(await user.detached('create', '--bundle', bench.bundle('trap "exit 3" TERM; while :; do sleep 0.05; done', mapped(own)), id)).toBe(0)
    expect((await state()).status).toBe('created')
    expect(statSync(join(user.runtimeDirectory, 'ctrun-oci')).mode & 0o7777).toBe(0o1700)
    // Also before it is started, when its process is still ours.
    expect(await user.oci('exec', id, 'id', '-u')).toMatchObject({ stdout: '0\n', code: 0 })
    expect(await user.oci('start', id)).toMatchObject({ code: 0, stderr: '' })
    const { pid } = await state()
    expect(await user.oci('exec', '--cwd', '/tmp', id, 'sh', '-c', 'pwd; echo $$ > joined; exit 9')).toMatchObject({ stdout: '/tmp\n', stderr: '', code: 9 })
    expect((await user.oci('exec', '-t', id, 'sh', '-c', 'tty; test -t 0 && test -t 1 && echo terminal')).stdout).toBe('/dev/pts/0\r\nterminal\r\n')
    expect(JSON.parse((await user.oci('ps', '--format', 'json', id)).stdout)).toContain(pid)
    expect(await user.oci('pause', id)).toMatchObject({ code: 1, stderr: expect.stringContaining('has no group, for its user was lent none') })
    expect((await user.oci('kill', id)).code).toBe(0)
    await until(async () => (await state()).status === 'stopped', 'it has stopped')
    expect(await user.oci('delete', id)).toMatchObject({ code: 0, stderr: '' })
  })

  test('kill --all reaches all in its PID namespace, where there is no group', async () => {
    const user = nobody()
    expect(await user.detached('run', '--detach', '--bundle', bench.bundle('sleep 1000 & sleep 1000', mapped(own)), id)).toBe(0)
    const members = async () => JSON.parse((await user.oci('ps', '--format', 'json', id)).stdout) as number[]
    await until(async () => (await members()).length === 2, 'two processes')
    expect((await user.oci('kill', '--all', id, '9')).code).toBe(0)
    await until(async () => (await members()).length === 0, 'none')
    expect((await user.oci('delete', '--force', id)).code).toBe(0)
  })

  test('the file that spec --rootless writes, in the host\'s network: /sys is what of the host\'s it sees', async () => {
    const user = nobody()
    const bundle = join(bench.directory, 'spec')
    mkdirSync(bundle, { mode: 0o777 })
    chmodSync(bundle, 0o777)
    symlinkSync(bench.rootfs, join(bundle, 'rootfs'))
    expect(await user.oci('spec', '--rootless', '--bundle', bundle)).toMatchObject({ code: 0, stderr: '' })
    const file = join(bundle, 'config.json')
    const config = JSON.parse(readFileSync(file, 'utf8')) as BundleConfig
    expect(config.linux).toMatchObject({ uidMappings: own, gidMappings: own })
    Object.assign(config.process, { terminal: false, args: ['sh', '-c', 'test -d /sys/class && ls /sys/fs/cgroup | head -n 1 | grep -c .; touch /sys/x 2>&1'] })
    for (const sys of [{ destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] }, config.mounts.find(({ destination }) => destination === '/sys')!]) {
      writeFileSync(file, JSON.stringify({ ...config, mounts: config.mounts.map((mount) => (mount.destination === '/sys' ? sys : mount)) }))
      expect((await user.oci('run', '--bundle', bundle, id)).stdout).toMatch(/^1\n.*Read-only file system\n$/)
    }
  })

  test.skipIf(withoutCommands)(`with ranges of subordinate IDs${withoutCommands ? ` (${withoutCommands})` : ''}: users, groups and terminals as root has them`, async () => {
    const user = new User(bench, { subIds })
    const bundle = bench.bundle('id; touch /tmp/theirs; tty; stat -c %u:%g $(tty); cat /proc/self/setgroups', mapped(wide, (config) => {
      config.process.user = { uid: 1000, gid: 1000, additionalGids: [5, 2000] }
      config.process['terminal'] = true
    }))
    const { stdout, code } = await user.oci('run', '--bundle', bundle, id)
    expect([code, stdout.replaceAll('\r', '').split('\n')]).toEqual([0, ['uid=1000(user) gid=1000 groups=5,1000,2000', '/dev/pts/0', '1000:5', 'allow', '']])
    expect(statSync(join(bench.rootfs, 'tmp/theirs')).uid).toBe(700_999)
  })

  test.skipIf(withoutCommands)('IDs that are not the user\'s, or a command that is not there: what to do, and nothing is left', async () => {
    const bundle = bench.bundle('true', mapped(wide))
    expect(await new User(bench, { subIds: '' }).oci('run', '--bundle', bundle, id)).toMatchObject({ code: 1, stderr: expect.stringContaining('hint: /etc/subuid must give these IDs to user 1: usermod --add-subuids writes it') })
    expect(await nobody().oci('run', '--bundle', bundle, id)).toMatchObject({ code: 1, stderr: expect.stringMatching(/newuidmap \d+ 0 1 1 1 700000 65536: there is no such command; hint: install it: the package is called uidmap/) })
  })

  test.each<[string, string, (config: BundleConfig) => void]>([
    ['no user namespace', 'linux.namespaces: user 1 can make the other namespaces only within a user namespace', (config) => { config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'user'); delete config.linux['uidMappings']; delete config.linux['gidMappings'] }],
    ['a user without a map', 'process.user.uid: 7 is not an ID of the container: linux.uidMappings does not map it', (config) => { config.process.user['uid'] = 7 }],
    ['a group of terminals without one', 'mounts[2].options: 5 is not an ID of the container: linux.gidMappings does not map it', (config) => { config.mounts[2]!.options.push('gid=5') }],
    ['new clocks', 'linux.namespaces[7]: its clocks have to be moved before anybody is in it', (config) => { config.linux.namespaces.push({ type: 'time' }) }],
    ['limits', 'linux.resources: memoryBytes cannot be set: it takes a group, and this user was lent none', (config) => { config.linux.resources['memory'] = { limit: 2 ** 26 } }],
  ])('%s: refused with its place, before anything is made', async (_, words, change) => {
    expect(await nobody().oci('run', '--bundle', bench.bundle('true', mapped(own, change)), id)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(words.replaceAll('"', '\\"')) })
  })

  test('where user namespaces are switched off, the switch is named', async () => {
    // The limit is one of the user namespace that we are in: nobody else's changes.
    const off = ['unshare', '--user', '--map-root-user', 'sh', '-c', 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"', 'sh']
    const bundle = bench.bundle('true', mapped([{ containerID: 0, hostID: 0, size: 1 }], (config) => { config.mounts = config.mounts.map((mount) => ({ ...mount, options: mount.options.filter((option) => option !== 'gid=5') })) }))
    const [command = '', ...rest] = [...off, ...bench.argv('run', '--bundle', bundle, id)]
    expect(await finished(spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] }))).toMatchObject({ code: 1, stderr: expect.stringContaining('user namespaces are switched off here: /proc/sys/user/max_user_namespaces is 0') })
  })

  const seccomp = (path: string, ...more: object[]) => (config: BundleConfig) => {
    config.linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: path, syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }, ...more] }
  }

  test('an agent is given the listener of the first process, and of one that joins it, also with a terminal', async () => {
    const user = nobody()
    const path = join(bench.directory, 'agent')
    await using agent = await SeccompAgent.at(path, () => ({ errno: 'EDQUOT' }))
    chmodSync(path, 0o777)
    expect(await user.detached('create', '--bundle', bench.bundle('sleep 1000', mapped(own, seccomp(path))), id)).toBe(0)
    expect((await user.oci('start', id)).code).toBe(0)
    const script = 'mkdir /tmp/never'
    const refused = /Disk quota exceeded/
    expect(await user.oci('exec', id, 'sh', '-c', script)).toMatchObject({ stderr: expect.stringMatching(refused), code: 1 })
    expect(await user.oci('exec', '-t', id, 'sh', '-c', script)).toMatchObject({ stdout: expect.stringMatching(refused), code: 1 })
    expect(agent.received.map(({ descriptors, state }) => [descriptors, state.state.status])).toEqual([[1, 'creating'], [1, 'running'], [1, 'running']])
    expect(new Set(agent.received.map(({ state }) => state.pid)).size).toBe(3)
    expect((await user.oci('delete', '--force', id)).code).toBe(0)
  })

  test('a filter that keeps a process that joins from sending its listener is refused, and the container made all the same', async () => {
    const user = nobody()
    const path = join(bench.directory, 'agent-of-none')
    await using _agent = await SeccompAgent.at(path, () => ({ proceed: true }))
    chmodSync(path, 0o777)
    expect(await user.detached('create', '--bundle', bench.bundle('sleep 1000', mapped(own, seccomp(path, { names: ['sendmsg'], action: 'SCMP_ACT_NOTIFY', args: [{ index: 0, value: 7, op: 'SCMP_CMP_EQ' }] }))), id)).toBe(0)
    expect(await user.oci('exec', id, 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('linux.seccomp.syscalls[1].names: the listener is sent by sendmsg where the runtime is not root') })
    expect((await user.oci('delete', '--force', id)).code).toBe(0)
  })

  test('a place that is not the user\'s: which flag and which variable name another', async () => {
    expect(await nobody().oci('--root', '/run/ctrun-oci-of-root', 'run', '--bundle', bench.bundle('true', mapped(own)), id)).toMatchObject({ code: 1, stderr: expect.stringContaining('--root names another directory, and so does XDG_RUNTIME_DIR') })
  })
})
