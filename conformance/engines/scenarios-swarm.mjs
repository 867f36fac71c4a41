// What people do with a swarm: services whose tasks are on three nodes. There is no ingress mesh: ports are those of the nodes.
import { existsSync, readdirSync } from 'node:fs'
import { hierarchies } from './groups.mjs'
import { until as asking } from './until.mjs'

/** Each question is a process or three, on a machine that has the nodes to run. */
const until = (ask, answer, options) => asking(ask, answer, { pauseMillis: 300, ...options })

const serviceLabel = 'com.docker.swarm.service.name'

/** Says on which node it is, at port 80 and to its log, and when it has to end. */
const answering = ['sh', '-c', 'mkdir /w; hostname | tee /w/index.html; exec httpd -f -p 80 -h /w']
const withPort = ['--endpoint-mode', 'dnsrr', '--publish', 'mode=host,published=8080,target=80', '--hostname', '{{.Node.Hostname}}']
const withHealth = ['--health-cmd', 'netstat -ltn | grep -q :80', '--health-interval', '300ms', '--health-retries', '50']
const sleep = ['sleep', '1000']

async function must(engine, args, options) {
  const { status, stdout, stderr } = await engine.cli(args, options)
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${status}: ${stderr}`)
  return stdout.replace(/\n$/, '')
}
/** Its tasks end at once where they have to: as a first process, most of what they run takes no notice of TERM. */
const create = (engine, name, options, command) =>
  must(engine, ['service', 'create', '--detach', '--no-resolve-image', '--name', name, '--restart-delay', '100ms', '--stop-signal', 'KILL', ...options, engine.image, ...command])

/** @returns {Promise<{ node: string, desired: string, state: string, error: string }[]>} the tasks of a service, those that are over too */
async function tasks(engine, name) {
  const lines = await must(engine, ['service', 'ps', '--no-trunc', '--format', '{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}', name])
  return lines.split('\n').filter(Boolean).map((line) => line.split('\t')).map(([node, desired, state, error]) => ({ node, desired, state: state.split(' ')[0], error }))
}
/** The nodes that tasks run on, as many times as they do: `node1 node1 node3`. */
const running = async (engine, name) => (await tasks(engine, name)).filter(({ desired, state }) => desired === 'Running' && state === 'Running').map(({ node }) => node).sort().join(' ')
const runsOn = (engine, name, nodes) => until(() => running(engine, name), nodes)
/** How the tasks of a service ended. */
const ends = (engine, name, pattern) => until(async () => (await tasks(engine, name)).map(({ state, error }) => `${state} ${error}`).join('\n'), pattern)

/** The container of a task. */
const container = async (node, name) => (await must(node, ['ps', '-q', '--filter', `label=${serviceLabel}=${name}`])).split('\n')[0]

async function gone(engine, name) {
  const left = async () => (await Promise.all(engine.nodes.map((node) => must(node, ['ps', '-aq', '--filter', `label=${serviceLabel}=${name}`])))).join('')
  return until(left, '')
}

let count = 0
/** With a service that is there meanwhile. */
async function beside(engine, options, command, use) {
  const name = `service${++count}`
  await create(engine, name, options, command)
  try {
    return await use(name)
  } finally {
    // Its tasks take seconds to end, beside what comes next.
    await must(engine, ['service', 'rm', name])
  }
}

/** The service of most scenarios, made by the first that asks for it: a task on each node. */
async function web(engine) {
  if ((await engine.cli(['service', 'inspect', 'web'])).status !== 0) {
    await create(engine, 'web', ['--replicas', '3', ...withPort, ...withHealth, '--update-monitor', '1s'], answering)
    await runsOn(engine, 'web', 'node1 node2 node3')
  }
  return 'web'
}

/** What a node says at its port. */
async function ask({ address }) {
  try {
    return (await (await fetch(`http://${address}:8080/`, { headers: { connection: 'close' }, signal: AbortSignal.timeout(10_000) })).text()).trim()
  } catch (error) {
    return error.cause?.code ?? error.name
  }
}
const askAll = async (engine) => (await Promise.all(engine.nodes.map(ask))).join(' ')

/** The groups that runtimes made for containers, of all nodes. */
const groups = () => hierarchies().flatMap(({ directory }) => readdirSync(directory).filter((name) => name.startsWith('ctr-engines-')).map((name) => `${directory}/${name}/docker`))
  .filter(existsSync).flatMap((parent) => readdirSync(parent).filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => `${parent}/${name}`))

export const scenarios = [
  { name: 'three nodes', expected: 'node1 Ready Leader, node2 Ready, node3 Ready', see: (engine) =>
    until(async () => (await must(engine, ['node', 'ls', '--format', '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'])).split('\n').map((line) => line.trim()).sort().join(', '), 'node1 Ready Leader, node2 Ready, node3 Ready') },
  { name: 'a service has a task on each node', expected: ['node1 node2 node3', '3/3'], see: async (engine) => [
    await runsOn(engine, await web(engine), 'node1 node2 node3'), await must(engine, ['service', 'ls', '--filter', 'name=web', '--format', '{{.Replicas}}'])] },
  { name: 'the port of each node answers', expected: 'node1 node2 node3', see: async (engine) => {
    await web(engine)
    return until(() => askAll(engine), 'node1 node2 node3')
  } },
  { name: 'exec in a task of each node', expected: ['0 httpd node1', '0 httpd node2', '0 httpd node3'], see: async (engine) => {
    const name = await web(engine)
    return Promise.all(engine.nodes.map(async (node) => {
      const { status, stdout } = await node.cli(['exec', await container(node, name), 'sh', '-c', 'echo $(cat /proc/1/comm) $(hostname)'])
      return `${status} ${stdout.trim()}`
    }))
  } },
  { name: 'exec with a terminal', expected: { status: 5, stdout: 'a terminal' }, see: async (engine) => {
    const [node] = engine.nodes
    const { status, stdout } = await node.terminal(['exec', '-it', await container(node, await web(engine)), 'sh', '-c', 'test -t 0 && test -t 1 && echo a terminal; exit 5'])
    return { status, stdout: stdout.trim() }
  } },
  { name: 'logs of all tasks', expected: 'node1 node2 node3', see: async (engine) => {
    const name = await web(engine)
    return until(async () => (await must(engine, ['service', 'logs', '--raw', name])).split('\n').sort().join(' '), 'node1 node2 node3')
  } },
  { name: 'scale up and down', expected: [6, 1], see: (engine) => beside(engine, [], sleep, async (name) => {
    const counts = []
    for (const replicas of [6, 1]) {
      await must(engine, ['service', 'scale', '--detach', `${name}=${replicas}`])
      counts.push(await until(async () => (await running(engine, name)).split(' ').length, replicas))
    }
    return counts
  }) },
  { name: 'a global service', expected: 'node1 node2 node3', see: (engine) => beside(engine, ['--mode', 'global'], sleep, (name) => runsOn(engine, name, 'node1 node2 node3')) },
  { name: 'a rolling update', expected: { state: 'completed', answers: 'new new new', least: 2 }, see: async (engine) => {
    const name = await web(engine)
    await must(engine, ['service', 'update', '--detach', '--update-parallelism', '1', '--hostname', 'new', name])
    let least = 3
    const state = await until(async () => {
      const up = (await Promise.all(engine.nodes.map(ask))).filter((answer) => answer !== 'ECONNREFUSED').length
      least = Math.min(least, up)
      return must(engine, ['service', 'inspect', '--format', '{{.UpdateStatus.State}}', name])
    }, 'completed', { seconds: 90 })
    return { state, answers: await until(() => askAll(engine), 'new new new'), least }
  } },
  // Without a port: a task that waits for one is waited for, for a minute, when it is replaced.
  { name: 'an update that fails is rolled back', expected: { state: 'rollback_completed', said: true, count: 3 }, see: (engine) => beside(engine, ['--replicas', '3', '--update-monitor', '1s', '--update-failure-action', 'rollback', '--rollback-monitor', '1s'], sleep, async (name) => {
    await until(async () => (await running(engine, name)).split(' ').length, 3)
    await must(engine, ['service', 'update', '--detach', '--entrypoint', '/nonexistent', name])
    const state = await until(() => must(engine, ['service', 'inspect', '--format', '{{.UpdateStatus.State}}', name]), 'rollback_completed', { seconds: 90 })
    const said = (await tasks(engine, name)).some(({ error }) => /no such file or directory/.test(error))
    return { state, said, count: await until(async () => (await running(engine, name)).split(' ').length, 3) }
  }) },
  { name: 'a task that is killed is replaced', expected: ['node1 node2 node3', true, true], see: async (engine) => {
    const name = await web(engine)
    const [, node] = engine.nodes
    const before = await container(node, name)
    await must(node, ['kill', before])
    const said = await ends(engine, name, /Failed .*non-zero exit \(137\)/)
    return [await runsOn(engine, name, 'node1 node2 node3'), /\(137\)/.test(said), before !== (await container(node, name))]
  } },
  { name: 'a node is drained, and active again', expected: ['node1 node2 3', '', 'node1 node2 node3'], see: (engine) => beside(engine, ['--replicas', '3'], sleep, async (name) => {
    const where = async () => `${[...new Set((await running(engine, name)).split(' '))].join(' ')} ${(await running(engine, name)).split(' ').length}`
    await until(where, 'node1 node2 node3 3')
    await must(engine, ['node', 'update', '--availability', 'drain', 'node3'])
    const drained = await until(where, 'node1 node2 3')
    const left = await until(() => must(engine.nodes[2], ['ps', '-q', '--filter', `label=${serviceLabel}=${name}`]), '')
    await must(engine, ['node', 'update', '--availability', 'active', 'node3'])
    return [drained, left, await beside(engine, ['--mode', 'global'], sleep, (other) => runsOn(engine, other, 'node1 node2 node3'))]
  }) },
  { name: 'tasks that end', expected: ['Complete', 'Failed task: non-zero exit (7)'], see: async (engine) => {
    const seen = []
    for (const status of [0, 7]) seen.push((await beside(engine, ['--restart-condition', 'none'], ['sh', '-c', `exit ${status}`], (name) => ends(engine, name, /^(Complete|Failed)/))).trim().replaceAll('"', ''))
    return seen
  } },
  { name: 'a secret and a config', expected: 'secret 400 7 config 444 ro', see: async (engine) => {
    await must(engine, ['secret', 'create', 'password', '-'], { input: 'secret' })
    await must(engine, ['config', 'create', 'settings', '-'], { input: 'config' })
    return beside(engine, ['--secret', 'source=password,target=password,mode=0400,uid=7', '--config', 'source=settings,target=/etc/settings', '--user', '7'], ['sh', '-c',
      'cd /run/secrets; echo $(cat password) $(stat -c "%a %u" password) $(cat /etc/settings) $(stat -Lc %a /etc/settings) $(sh -c ": >> password" 2>/dev/null || echo ro); sleep 1000'],
    (name) => until(() => must(engine, ['service', 'logs', '--raw', name]), /./))
  } },
  { name: 'limits, capabilities, a read-only root', see: (engine) => beside(engine, ['--limit-memory', '64m', '--limit-pids', '20', '--cap-drop', 'NET_RAW', '--ulimit', 'nofile=300:300', '--sysctl', 'net.ipv4.ip_unprivileged_port_start=0', '--read-only', '--mount', 'type=tmpfs,dst=/scratch,tmpfs-size=1m', '--init'], ['sh', '-c',
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max; grep ^Cap /proc/self/status; ulimit -n; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; touch /scratch/x && touch /x 2>/dev/null || echo read-only; cat /proc/1/comm; echo end; sleep 1000'],
  (name) => until(() => must(engine, ['service', 'logs', '--raw', name]), /end/)) },
  { name: 'a task is stopped with the signal of its service', expected: 5, see: (engine) => beside(engine, ['--stop-signal', 'USR1', '--constraint', 'node.hostname==node2'], ['sh', '-c', 'trap "exit 5" USR1; echo ready; while :; do sleep 0.1; done'], async (name) => {
    await until(() => must(engine, ['service', 'logs', '--raw', name]), 'ready')
    const [, node] = engine.nodes
    const id = await container(node, name)
    await must(engine, ['service', 'update', '--detach', '--constraint-rm', 'node.hostname==node2', '--constraint-add', 'node.hostname==node1', name])
    return Number(await until(() => must(node, ['inspect', '--format', '{{.State.ExitCode}}', id]), '5'))
  }) },
  { name: 'tasks on two nodes reach each other through an overlay', expected: { status: 0, stdout: 'node3\n' }, see: async (engine) => {
    await must(engine, ['network', 'create', '--driver', 'overlay', 'between'])
    try {
      const options = (node) => ['--network', 'between', '--endpoint-mode', 'dnsrr', '--constraint', `node.hostname==${node}`, '--hostname', '{{.Node.Hostname}}']
      return await beside(engine, options('node3'), ['sh', '-c', 'while :; do nc -l -p 9000 -e hostname; done'], (far) => beside(engine, options('node1'), sleep, async (near) => {
        await runsOn(engine, far, 'node3')
        await runsOn(engine, near, 'node1')
        const address = await must(engine.nodes[2], ['inspect', '--format', '{{.NetworkSettings.Networks.between.IPAddress}}', await container(engine.nodes[2], far)])
        const say = async () => engine.cli(['exec', await container(engine, near), 'sh', '-c', `nc -w 5 ${address} 9000 </dev/null`])
        await until(async () => (await say()).stdout, 'node3\n')
        const { status, stdout } = await say()
        return { status, stdout }
      }))
    } finally {
      await until(async () => (await engine.cli(['network', 'rm', 'between'])).status, 0)
    }
  } },
  { name: 'a service is removed: its containers and their groups are gone', expected: ['', []], see: async (engine) => {
    const name = await web(engine)
    await must(engine, ['service', 'rm', name])
    return [await gone(engine, name), await until(async () => JSON.stringify(groups()), '[]').then(JSON.parse)]
  } },
  { name: 'a node leaves, and its tasks go elsewhere', expected: ['node1 node2 3', 'Down'], see: (engine) => beside(engine, ['--replicas', '3'], sleep, async (name) => {
    const where = async () => `${[...new Set((await running(engine, name)).split(' '))].join(' ')} ${(await running(engine, name)).split(' ').length}`
    await until(where, 'node1 node2 node3 3')
    await must(engine.nodes[2], ['swarm', 'leave'])
    return [await until(where, 'node1 node2 3', { seconds: 90 }), await until(() => must(engine, ['node', 'inspect', '--format', '{{.Status.State}}', 'node3']), 'down').then((state) => state.replace('down', 'Down'))]
  }) },
]
