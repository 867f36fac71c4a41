import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../ctrun.ts'
import { Network, noDevices, type Device } from '../network.ts'
import { groupsOf, hasBusybox, OciBench, type BundleConfig } from './oci.ts'
import { attempt } from '../processes.ts'
import { unable, User } from './rootless.ts'

type NetDevices = Record<string, { name?: string }>
const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }]

const unavailable = hasBusybox ? noDevices : 'needs busybox'
describe.skipIf(unavailable)(`network devices of the configuration${unavailable ? ` (${unavailable})` : ''}`, () => {
  let bench: OciBench
  /** In place of the machine's own: the runtime runs in it. */
  let host: Network
  /** Another one, which a container may be given. */
  let other: Network
  let before: readonly Device[]
  const id = `network-devices-${process.pid}`

  beforeAll(async () => { bench = await OciBench.make() })
  beforeEach(async () => {
    [host, other] = await Promise.all([Network.make(), Network.make()])
    await host.ip(
      'link add name first type veth peer name outside', 'link add name second type veth peer name beyond', 'link set first mtu 1400 address 02:00:00:00:00:07',
      'address add 10.7.0.1/24 broadcast + dev first', 'address add 10.7.0.2/24 dev first', 'address add fd07::1/64 dev first nodad', 'link set first up', 'link set outside up',
      'address add 10.8.0.1 peer 10.8.0.9/32 dev second label second:x',
    )
    // The kernel makes one of the link itself.
    await until(async () => (await host.devices()).filter(({ name }) => ['first', 'outside'].includes(name)).every(({ addresses }) => addresses.some((address) => address.startsWith('fe80::'))), 'they are up')
    before = await host.devices()
  })
  afterEach(async () => {
    await bench.oci('delete', '--force', id)
    host.close()
    other.close()
    expect([bench.left(), groupsOf(id)]).toEqual([[], []])
  })
  afterAll(() => bench.remove())

  const bundle = (script: string, netDevices: NetDevices, ...changes: ((config: BundleConfig) => void)[]) => bench.bundle(script, (config) => {
    config.linux['netDevices'] = netDevices
    for (const change of changes) change(config)
  })
  const inOther = (config: BundleConfig) => { config.linux.namespaces.find(({ type }) => type === 'network')!.path = other.path }
  const inUserNamespace = (config: BundleConfig) => {
    config.linux.namespaces.push({ type: 'user' })
    Object.assign(config.linux, { uidMappings: ids, gidMappings: ids })
  }
  const run = (directory: string, ...within: string[]) => host.run(...within, ...bench.argv('run', '--bundle', directory, id))
  /** What was said of a container that cannot be. */
  async function refusal(directory: string, ...within: string[]): Promise<string> {
    const { code, stderr } = await run(directory, ...within)
    expect(code).toBe(1)
    return JSON.parse(/ msg=(".*")$/m.exec(stderr)?.[1] ?? JSON.stringify(stderr)) as string
  }
  const shown = 'busybox ip -o address | while read -r _ name _ address _; do echo "$name $address"; done | sort'
  const named = (devices: readonly Device[], name: string) => devices.find((device) => device.name === name)

  test('they are inside by their new names, with their permanent global addresses, up; not on the host any more', async () => {
    await host.ip('address add 10.7.0.3/24 valid_lft 1000 preferred_lft 900 dev first', 'address add 10.9.0.4/24 scope link dev first')
    const script = `${shown}; busybox ip route; busybox ip -o link show inner; busybox ip -o link show second`
    const { stdout, stderr, code } = await run(bundle(script, { first: { name: 'inner' }, second: {} }))
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.trim().split('\n').map((line) => line.trim())
    expect(lines.filter((line) => !line.includes('fe80:'))).toEqual([
      'inner 10.7.0.1/24', 'inner 10.7.0.2/24', 'inner fd07::1/64', 'lo 127.0.0.1/8', 'lo ::1/128', 'second 10.8.0.1',
      expect.stringMatching(/^10\.7\.0\.0\/24 dev inner scope link\s+src 10\.7\.0\.1$/), expect.stringMatching(/^10\.8\.0\.9 dev second scope link\s+src 10\.8\.0\.1$/),
      expect.stringMatching(/inner@.*\bUP\b.*mtu 1400 .*02:00:00:00:00:07/), expect.stringMatching(/second@.*\bUP\b/),
    ])
    await until(async () => (await host.devices()).every(({ name }) => name === 'lo'), 'the kernel has ended the namespace, and with it the pairs')
  })

  test('an address keeps its other end, its label and its flags', async () => {
    expect(await run(bundle('true', { first: {}, second: { name: 'a-longer-name12' } }, inOther))).toMatchObject({ code: 0, stderr: '' })
    const devices = await other.devices()
    expect(named(devices, 'a-longer-name12')!.addresses).toContain('10.8.0.1 peer 10.8.0.9/32 global a-longer-name12')
    const { stdout } = await other.run('ip', 'address', 'show', 'dev', 'first')
    expect(stdout).toMatch(/inet 10\.7\.0\.1\/24 brd 10\.7\.0\.255 scope global first/)
    expect(stdout).toMatch(/inet6 fd07::1\/64 scope global nodad/)
  })

  test('a namespace by path keeps them when the container is gone; numbers that are taken there are no obstacle', async () => {
    await other.ip('link add name one type veth peer name two', 'link add name three type veth peer name four')
    const numbers = (await other.devices()).map(({ index }) => index)
    expect(numbers).toContain(named(before, 'first')!.index)
    expect(await run(bundle(shown, { first: { name: 'inner' } }, inOther))).toMatchObject({ code: 0, stdout: expect.stringMatching(/^inner 10\.7\.0\.1\/24\ninner 10\.7\.0\.2\/24\ninner fd07::1\/64$/m) })
    const there = named(await other.devices(), 'inner')!
    expect(numbers).not.toContain(there.index)
    expect(named(await host.devices(), 'first')).toBeUndefined()
  })

  test('created and started; hooks find them there; delete gives nothing back', async () => {
    const seen = join(bench.directory, 'seen')
    const directory = bundle(`${shown}; sleep 600`, { first: { name: 'inner' } }, (config) => {
      config.hooks = { createContainer: [{ path: '/bin/sh', args: ['sh', '-c', `ip -o link show inner > ${seen}`], env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'] }] }
    })
    const [command, ...words] = host.argv(...bench.argv('create', '--bundle', directory, id))
    expect(await new Promise((resolve) => spawn(command!, words, { stdio: 'ignore' }).on('close', resolve))).toBe(0)
    expect(readFileSync(seen, 'utf8')).toContain('inner@')
    expect(named(await host.devices(), 'first')).toBeUndefined()
    expect((await bench.oci('start', id)).code).toBe(0)
    expect((await bench.oci('exec', id, 'sh', '-c', shown)).stdout).toContain('inner 10.7.0.1/24\n')
    expect((await bench.oci('delete', '--force', id)).code).toBe(0)
    await until(async () => named(await host.devices(), 'outside') === undefined, 'the pair is gone')
  })

  test('the runtime is killed meanwhile: its devices are the kernel\'s to destroy, and nothing of the container is left', async () => {
    const directory = bundle('sleep 600', { first: { name: 'inner' } }, (config) => {
      config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '600'] }] }
    })
    const [command, ...words] = host.argv(...bench.argv('create', '--bundle', directory, id))
    const runtime = spawn(command!, words, { stdio: 'ignore' })
    const children = () => readFileSync(`/proc/${runtime.pid}/task/${runtime.pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    await until(() => children().some((pid) => attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8')) === 'sleep\n'), 'the hook runs, so the device is there')
    try {
      expect(named(await host.devices(), 'first')).toBeUndefined()
      expect(named(await host.devices(), 'outside')).toBeDefined()
      runtime.kill('SIGKILL')
      await until(async () => named(await host.devices(), 'outside') === undefined, 'the process inside has seen it, and its namespace has ended')
      expect((await bench.oci('delete', '--force', id)).code).toBe(0)
    } finally {
      runtime.kill('SIGKILL')
    }
  })

  test.each([['a new network', () => {}], ['one of the machine by path', inOther]] as const)('a user namespace of its own with %s', async (_, change) => {
    const directory = bundle(shown, { first: { name: 'inner' } }, inUserNamespace, change, (config) => { config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs') })
    expect(await run(directory)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^inner fd07::1\/64$/m) })
  })

  test('of a template the kernel makes a name that is free', async () => {
    await other.ip('link add name net0 type veth peer name net1')
    expect(await run(bundle('true', { first: { name: 'net%d' }, second: { name: 'net%d' } }, inOther))).toMatchObject({ code: 0, stderr: '' })
    const names = (await other.devices()).map(({ name }) => name)
    expect(names.sort()).toEqual(['lo', 'net0', 'net1', 'net2', 'net3'])
  })

  test('names can change places', async () => {
    expect(await run(bundle('true', { first: { name: 'second' }, second: { name: 'first' } }, inOther))).toMatchObject({ code: 0, stderr: '' })
    const devices = await other.devices()
    expect([named(devices, 'second')!.mac, named(devices, 'first')!.mac]).toEqual([named(before, 'first')!.mac, named(before, 'second')!.mac])
  })

  describe('what fails leaves them as they were', () => {
    afterEach(async () => expect(withoutMade(await host.devices())).toEqual(withoutMade(before)))

    test('a name that is taken there: known before any is moved, so that routes stay', async () => {
      await other.ip('link add name inner type veth peer name two')
      await host.ip('route add 10.99.0.0/16 via 10.7.0.77 dev first')
      const there = await other.devices()
      expect(await refusal(bundle('true', { first: {}, second: { name: 'inner' } }, inOther))).toBe('linux.netDevices["second"]: there is a network device "inner" in the network namespace of the container already')
      expect((await host.run('ip', 'route')).stdout).toContain('10.99.0.0/16 via 10.7.0.77 dev first')
      expect(await other.devices()).toEqual(there)
    })

    test('a name that the kernel finds taken when the device is there already: it comes back, and so do those before it', async () => {
      // The other name of the first goes with it.
      await host.ip('link property add dev first altname inner')
      const there = await other.devices()
      expect(await refusal(bundle('true', { first: {}, second: { name: 'inner' } }, inOther))).toBe('linux.netDevices["second"]: ip link set second netns CONTAINER name inner: EEXIST: there is a network device of that name already')
      expect(await other.devices()).toEqual(there)
    })

    test('an address that is refused there', async () => {
      await other.run('sysctl', '-w', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
      expect(await refusal(bundle('true', { second: { name: 'x' }, first: { name: 'y' } }, inOther))).toBe('linux.netDevices["first"]: ip address add fd07:0:0:0:0:0:0:1/64 dev y: EACCES: IPv6 is disabled there (net.ipv6.conf.*.disable_ipv6)')
      expect((await other.devices()).map(({ name }) => name)).toEqual(['lo'])
    })

    test.each([
      ['a hook that fails', (config: BundleConfig) => { config.hooks = { createRuntime: [{ path: '/bin/false' }] } }, 'error running createRuntime hook #0'],
      ['a command that is not there', (config: BundleConfig) => { config.process.args = ['/nope'] }, 'no such file or directory'],
      ['a call that is refused', (config: BundleConfig) => { config.process['rlimits'] = [{ type: 'RLIMIT_NOFILE', soft: 2 ** 40, hard: 2 ** 40 }] }, 'EPERM'],
    ])('%s, behind the move: they come back from a namespace whose processes have ended', async (_, change, message) => {
      expect(await refusal(bundle('true', { first: { name: 'inner' }, second: {} }, change))).toContain(message)
    })

    test('a device that there is not', async () => {
      expect(await refusal(bundle('true', { first: {}, nope: { name: 'inner' } }))).toBe('linux.netDevices["nope"]: there is no network device of that name in the network namespace of this runtime (ENODEV)')
    })

    test('a device that belongs to its namespace', async () => {
      expect(await refusal(bundle('true', { first: {}, lo: { name: 'inner' } }))).toBe('linux.netDevices["lo"]: ip link set lo netns CONTAINER name inner: EINVAL: it cannot leave its network namespace, as lo and devices that belong to one namespace cannot')
    })

    test('no network namespace, or that of the runtime', async () => {
      const none = (config: BundleConfig) => { config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network') }
      expect(await refusal(bundle('true', { first: {} }, none))).toBe('linux.netDevices: they would have nowhere to go: it needs a network namespace in linux.namespaces')
      const own = (config: BundleConfig) => { config.linux.namespaces.find(({ type }) => type === 'network')!.path = host.path }
      expect(await refusal(bundle('true', { first: {} }, own))).toBe(`linux.netDevices: they are there already: ${host.path} is the network namespace that this runtime is in`)
    })

    test.skipIf(unable)('an ordinary user may not move them', async () => {
      const user = new User(bench)
      const own = [{ containerID: 0, hostID: 1, size: 1 }]
      const directory = bundle('true', { first: {} }, (config) => {
        config.linux.namespaces.push({ type: 'user' })
        Object.assign(config.linux, { uidMappings: own, gidMappings: own })
        config.mounts = config.mounts.filter(({ type }) => type !== 'devpts')
      })
      expect(await host.run(...user.argv(...bench.command, 'run', '--bundle', directory, id))).toMatchObject({ code: 1, stderr: expect.stringContaining('linux.netDevices: user 1 may not take them from this network namespace: that takes CAP_NET_ADMIN') })
    })

    test('nor may root of a user namespace that does not own the network it is in', async () => {
      const directory = bundle('true', { first: {} }, (config) => { config.mounts = config.mounts.filter(({ type }) => type !== 'devpts') })
      expect(await refusal(directory, 'unshare', '--user', '--map-root-user', '--')).toBe('linux.netDevices: setns: EPERM: moving them takes CAP_SYS_ADMIN and CAP_NET_ADMIN in the user namespaces that own both network namespaces, which root of another user namespace has not')
    })
  })

  test('root of a user namespace that owns the network it is in may', async () => {
    const directory = bundle(shown, { own: { name: 'inner' } }, (config) => { config.mounts = config.mounts.filter(({ type }) => type !== 'devpts') })
    const script = 'ip link add name own type veth peer name rest && ip address add 10.6.0.1/24 dev own && exec "$@"'
    expect(await run(directory, 'unshare', '--user', '--map-root-user', '--net', 'sh', '-c', script, 'sh')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('inner 10.6.0.1/24\n') })
  })

  test('explain says what is done, where: at the checkpoint in front of the hooks', async () => {
    const { stdout, code } = await host.run(...bench.argv('explain', bundle('true', { first: { name: 'inner' } })))
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => line.includes('"network devices\\n"'))
    expect(lines.slice(at + 1, at + 6)).toEqual([
      '# ip link set first netns CONTAINER name inner', '# ip address add 10.7.0.1/24 dev inner', '# ip address add 10.7.0.2/24 dev inner', '# ip address add fd07:0:0:0:0:0:0:1/64 dev inner', '# ip link set inner up',
    ])
    expect(lines.findIndex((line) => line.includes('"hooks\\n"'))).toBeGreaterThan(at)
    expect(named(await host.devices(), 'first')).toEqual(named(before, 'first'))
  })

  test('it is among the features', async () => {
    expect(JSON.parse((await bench.oci('features')).stdout)).toMatchObject({ linux: { netDevices: { enabled: true } } })
  })
})

/** Addresses that the kernel makes itself when a device comes up may still be on their way. */
const withoutMade = (devices: readonly Device[]) => devices.map((device) => ({ ...device, addresses: device.addresses.filter((address) => !address.startsWith('fe80::')) }))
