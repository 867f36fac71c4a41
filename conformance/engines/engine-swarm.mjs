// A swarm of three machines that are sandboxes in this one, joined by a bridge: Docker Engine on each of them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { command, onTerminal } from './cli.mjs'
import { daemonConfig, prepare } from './dockerd.mjs'
import { image } from './image.mjs'
import { sandbox } from './sandbox.mjs'
import { until } from './until.mjs'

export { scenarios } from './scenarios-swarm.mjs'

const address = (number) => `10.99.0.${number}`

/** What the first process of a machine does: it waits for its link, and runs dockerd until its standard input ends. */
const boot = `
echo > "$1/up"
until test -e /sys/class/net/eth0; do sleep 0.05; done
ip link set eth0 up && ip address add "$2/24" dev eth0
exec 3<&0
dockerd --config-file "$1/daemon.json" --host "unix://$1/docker.sock" </dev/null >"$1/log" 2>&1 3<&- &
read -r _ <&3
kill $! && wait $!
`

async function must(argv, options) {
  const { status, stdout, stderr } = await command(argv, options)
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${status}: ${stderr}`)
  return stdout
}

/** @param {number} number from 1 */
async function machine(number, { runtime, archive, directory }) {
  const name = `node${number}`
  const place = `${directory}/${name}`
  mkdirSync(place)
  writeFileSync(`${place}/daemon.json`, daemonConfig(runtime))
  const { pid, stdin, kill, ended } = sandbox(['sh', '-c', boot, 'sh', place, address(number)], { files: [place], hostname: name, stdio: ['pipe', 'inherit', 'inherit'] })
  const stop = async () => {
    stdin.end()
    const late = setTimeout(kill, 30_000)
    await ended
    clearTimeout(late)
  }
  try {
    await until(async () => (await command(['test', '-e', `${place}/up`])).status, 0)
    await must(['ip', 'link', 'add', name, 'master', 'bridge', 'up', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)])
    const docker = ['docker', '--host', `unix://${place}/docker.sock`]
    const cli = (args, options) => command([...docker, ...args], options)
    if ((await until(async () => (await cli(['version'])).status, 0, { seconds: 60 })) !== 0) throw new Error('dockerd is not ready')
    await prepare(cli, { runtime, archive })
    return { address: address(number), cli, terminal: (args) => onTerminal([...docker, ...args]), stop }
  } catch (error) {
    await stop()
    throw new Error(`${name}: ${error.message}\n${readFileSync(`${place}/log`, 'utf8').slice(-10_000)}`)
  }
}

/** @param {{ runtime: string, archive: string }} options */
export async function start({ runtime, archive }) {
  const directory = '/srv/swarm'
  mkdirSync(directory, { recursive: true })
  await must(['ip', 'link', 'add', 'bridge', 'up', 'type', 'bridge'])
  await must(['ip', 'address', 'add', `${address(254)}/24`, 'dev', 'bridge'])
  const started = await Promise.allSettled([1, 2, 3].map((number) => machine(number, { runtime, archive, directory })))
  const nodes = started.flatMap(({ value }) => value ?? [])
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  const wrong = started.find(({ status }) => status === 'rejected')
  if (wrong !== undefined) {
    await stop()
    throw wrong.reason
  }
  const [manager, ...workers] = nodes
  const docker = async (node, ...args) => {
    const { status, stdout, stderr } = await node.cli(args)
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  try {
    await docker(manager, 'swarm', 'init', '--advertise-addr', manager.address, '--default-addr-pool', '10.100.0.0/16')
    const token = await docker(manager, 'swarm', 'join-token', '-q', 'worker')
    for (const node of workers) await docker(node, 'swarm', 'join', '--token', token, '--advertise-addr', node.address, `${manager.address}:2377`)
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, cli: manager.cli, image, stop }
}
