// config-linux.md, Network Devices: what becomes of a device of the sandbox that a container is given.
import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { command } from '../engines/cli.mjs'
import { configuration, until } from './bundle.mjs'

const section = 'config-linux.md#network-devices'
const namespaces = [{ type: 'pid' }, { type: 'mount' }, { type: 'network' }]
const ip = (...lines) => command(['sh', '-ec', lines.map((line) => `ip ${line}`).join('\n')])

/** A pair of devices, one of them for the container. @param {(runtime: object) => Promise<unknown>} see */
const withDevice = (see) => async (runtime) => {
  await ip('link add name given type veth peer name kept', 'link set kept up')
  try {
    return await see(runtime)
  } finally {
    await ip('link del kept')
  }
}

/** What is said inside by a command. */
const inside = async (runtime, netDevices, script) => {
  const { status, stdout } = await runtime.run(configuration({ process: { args: ['sh', '-c', script] }, linux: { namespaces, netDevices } }))
  return { status, stdout }
}
const addresses = 'ip -o address show dev inner | while read -r _ _ _ address _; do case $address in fe80*) ;; *) echo $address;; esac; done'

/** A network namespace in which somebody else is. */
async function withOther(use) {
  const holder = spawn('unshare', ['--net', 'sleep', '100'], { stdio: 'ignore' })
  const path = `/proc/${holder.pid}/ns/net`
  try {
    await until(() => readlinkSync(path) !== readlinkSync('/proc/self/ns/net'), Boolean)
    return await use(path)
  } finally {
    holder.kill('SIGKILL')
  }
}

export const scenarios = [
  { section, name: 'a device under its own name', expected: { status: 0, stdout: 'there\n' }, see: withDevice((runtime) => inside(runtime, { given: {} }, 'ip link show given >/dev/null && echo there')) },
  { section, name: 'under another name, and not here any more', expected: [{ status: 0, stdout: 'there\n' }, true], see: withDevice((runtime) => withOther(async (path) => {
    const { status, stdout } = await runtime.run(configuration({ process: { args: ['sh', '-c', 'ip link show inner >/dev/null && echo there'] }, linux: { namespaces: [...namespaces.slice(0, 2), { type: 'network', path }], netDevices: { given: { name: 'inner' } } } }))
    return [{ status, stdout }, (await command(['ip', 'link', 'show', 'given'])).status !== 0]
  })) },
  { section, name: 'permanent addresses of global scope, of both families, and no others', expected: { status: 0, stdout: '10.7.0.1/24\n10.7.1.1/24\nfd07::1/64\n' }, see: withDevice(async (runtime) => {
    await ip('address add 10.7.0.1/24 dev given', 'address add 10.7.1.1/24 dev given', 'address add 10.7.2.1/24 dev given valid_lft 1000 preferred_lft 900', 'address add 10.7.3.1/24 scope link dev given', 'address add fd07::1/64 dev given nodad', 'link set given up')
    return inside(runtime, { given: { name: 'inner' } }, addresses)
  }) },
  { section, name: 'attributes stay, and it is up', expected: { status: 0, stdout: 'UP mtu 1400 02:00:00:00:00:07\n' }, see: withDevice(async (runtime) => {
    await ip('link set given mtu 1400 address 02:00:00:00:00:07')
    return inside(runtime, { given: { name: 'inner' } }, 'set -- $(ip -o link show inner); case $3 in *,UP,*) echo UP $4 $5 $(ip -o link show inner | grep -oE "02(:[0-9a-f]{2}){5}");; esac')
  }) },
  { section, name: 'a name that is taken there', expected: [true, 'given'], see: withDevice((runtime) => withOther(async (path) => {
    await command(['nsenter', `--net=${path}`, 'ip', 'link', 'add', 'name', 'inner', 'type', 'veth', 'peer', 'name', 'two'])
    const { status } = await runtime.run(configuration({ linux: { namespaces: [...namespaces.slice(0, 2), { type: 'network', path }], netDevices: { given: { name: 'inner' } } } }))
    return [status !== 0, (await command(['ip', '-o', 'link', 'show', 'given'])).stdout.match(/given/)?.[0]]
  })) },
  { section, name: 'a template for a name', expected: { status: 0, stdout: 'there\n' }, see: withDevice((runtime) => inside(runtime, { given: { name: 'net%d' } }, 'ip link show net0 >/dev/null && echo there')) },
  { section, name: 'a device that there is not', expected: true, see: async (runtime) => (await runtime.run(configuration({ linux: { namespaces, netDevices: { nope: {} } } }))).status !== 0 },
  { section, name: 'no network namespace to move it to', expected: [true, true], see: withDevice(async (runtime) => {
    const { status } = await runtime.run(configuration({ linux: { namespaces: namespaces.slice(0, 2), netDevices: { given: {} } } }))
    return [status !== 0, (await command(['ip', 'link', 'show', 'given'])).status === 0]
  }) },
]
