// What Kubernetes does with pods and containers. What has no `expected` is whatever is seen with runc.
import { mkdirSync, readFileSync } from 'node:fs'
import { masked } from './masked.mjs'
import { until } from './until.mjs'

let count = 0

/** NamespaceMode: one for the pod, one for the container, or that of the machine. */
const [ofPod, ofContainer, ofNode] = [0, 1, 2]
const own = { pid: ofContainer }
const [running, exited] = [1, 2]

/** A pod, removed behind its use. */
async function pod(engine, { namespaces = own, security = {}, sysctls = {} } = {}, use) {
  const name = `pod${++count}`
  const logs = `/tmp/logs/${name}`
  mkdirSync(logs, { recursive: true })
  const config = {
    metadata: { name, uid: `uid-${name}`, namespace: 'default', attempt: 0 }, log_directory: logs, ...(namespaces.network === ofNode ? {} : { hostname: `host-of-${name}` }),
    linux: { cgroup_parent: engine.groups === 'systemd' ? `/kubepods.slice/kubepods-${name}.slice` : `/kubepods/${name}`, security_context: { namespace_options: namespaces, ...security }, sysctls },
  }
  const { pod_sandbox_id: id } = await engine.ask('RunPodSandbox', { config })
  let containers = 0
  const made = {
    id, name,
    async create(command, { security: more = {}, ...rest } = {}) {
      const name = `box${++containers}`
      const { resources, ...other } = rest
      const linux = { ...(resources ? { resources } : {}), security_context: { namespace_options: namespaces, ...more } }
      const { container_id: container } = await engine.ask('CreateContainer', { pod_sandbox_id: id, sandbox_config: config, config: { metadata: { name, attempt: 0 }, image: { image: engine.image }, command, log_path: `${name}.log`, linux, ...other } })
      return container
    },
    async start(command, options) {
      const container = await made.create(command, options)
      await engine.ask('StartContainer', { container_id: container })
      return container
    },
    /** @returns how it has ended, and what it has printed */
    async run(command, options) {
      const container = await made.start(command, options)
      const { exit_code = 0, reason } = await made.end(container)
      return { status: exit_code, reason, stdout: made.log(container, readFileSync(`${logs}/box${containers}.log`, 'utf8')) }
    },
    /** Without the time and the stream in front of each line. */
    log: (_, text) => text.split('\n').filter(Boolean).map((line) => line.split(' ').slice(3).join(' ')).join('\n'),
    status: async (container) => (await engine.ask('ContainerStatus', { container_id: container })).status,
    async end(container) {
      await until(async () => (await made.status(container)).state, exited, { seconds: 60 })
      return made.status(container)
    },
    async exec(container, ...cmd) {
      const { stdout = '', stderr = '', exit_code = 0 } = await engine.ask('ExecSync', { container_id: container, cmd, timeout: 30 })
      return { status: exit_code, stdout: stdout.toString(), stderr: stderr.toString() }
    },
  }
  try {
    return await use(made)
  } finally {
    await engine.ask('StopPodSandbox', { pod_sandbox_id: id })
    await engine.ask('RemovePodSandbox', { pod_sandbox_id: id })
  }
}

const refused = (promise, pattern) => promise.then(() => 'done', ({ code, message }) => ({ code, says: pattern.test(message) }))
const sleep = ['sleep', '1000']
const shell = (script) => ['sh', '-c', script]
const polite = shell('trap "exit 5" TERM; echo ready; while :; do sleep 0.1; done')
const alone = (options, use) => (engine) => pod(engine, options, (made) => use(made, engine))

export const scenarios = [
  { name: 'output and exit status', expected: [{ status: 0, reason: 'Completed', stdout: 'hi' }, { status: 7, reason: 'Error', stdout: '' }], see: alone({}, async (made) => [await made.run(['echo', 'hi']), await made.run(shell('exit 7'))]) },
  { name: 'a command that is not there', see: alone({}, async (made, engine) => {
    const container = await made.create(['/nonexistent'])
    const answer = await refused(engine.ask('StartContainer', { container_id: container }), /no such file or directory/)
    const { exit_code, reason } = await made.status(container)
    return { answer, exit_code, reason }
  }) },
  { name: 'a file that cannot be executed', see: alone({}, async (made, engine) => refused(engine.ask('StartContainer', { container_id: await made.create(['/etc/passwd']) }), /permission denied/)) },
  { name: 'containers of a pod share network, IPC and name, and have their own PIDs', expected: { same: ['ipc', 'net', 'uts'], first: '1 sleep', host: true }, see: alone({}, async (made) => {
    const [one, two] = [await made.start(sleep), await made.start(sleep)]
    const links = async (container) => (await made.exec(container, ...shell('for n in ipc mnt net pid uts; do readlink /proc/1/ns/$n; done'))).stdout.split('\n').filter(Boolean)
    const [of, other] = [await links(one), await links(two)]
    return { same: of.filter((link) => other.includes(link)).map((link) => link.split(':')[0]), first: (await made.exec(one, ...shell('echo 1 $(cat /proc/1/comm)'))).stdout.trim(), host: (await made.exec(two, 'hostname')).stdout.trim() === `host-of-${made.name}` }
  }) },
  { name: 'the address of a pod', expected: true, see: alone({}, async (made, engine) => {
    const { network: { ip } } = (await engine.ask('PodSandboxStatus', { pod_sandbox_id: made.id })).status
    return (await made.exec(await made.start(sleep), 'ip', 'addr', 'show', 'eth0')).stdout.includes(` ${ip}/`)
  }) },
  { name: 'exec', expected: { status: 6, stdout: 'out y\n', stderr: 'err\n' }, see: alone({}, async (made) => made.exec(await made.start(sleep, { envs: [{ key: 'X', value: 'y' }] }), ...shell('echo out $X; echo err >&2; exit 6'))) },
  { name: 'exec: a command that is not there', see: alone({}, async (made, engine) => refused(engine.ask('ExecSync', { container_id: await made.start(sleep), cmd: ['/nonexistent'], timeout: 30 }), /no such file or directory/)) },
  { name: 'exec: too late', expected: { code: 4, says: true }, see: alone({}, async (made, engine) => refused(engine.ask('ExecSync', { container_id: await made.start(sleep), cmd: sleep, timeout: 1 }), /timeout|deadline/)) },
  { name: 'user, groups, capabilities, no_new_privs, seccomp', see: alone({}, (made) => made.run(shell('id -u; id -g; id -G; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status'), { security: { run_as_user: { value: 1000 }, run_as_group: { value: 1000 }, supplemental_groups: [2000, 3000], no_new_privs: true, capabilities: { drop_capabilities: ['ALL'], add_capabilities: ['CHOWN'] }, seccomp: { profile_type: 0 } } })) },
  { name: 'privileged', see: alone({ security: { privileged: true } }, (made) => made.run(shell('grep -E "^(CapEff|Seccomp:)" /proc/self/status; mount -t tmpfs tmpfs /tmp && echo mounted; test -c /dev/kmsg && echo devices'), { security: { privileged: true } })) },
  { name: 'mounts, a read-only root', see: alone({}, async (made) => {
    const { status, stdout } = await made.run(['cat', '/proc/self/mountinfo'], { mounts: [{ container_path: '/a', host_path: '/etc/hostname', readonly: true }], security: { readonly_rootfs: true, masked_paths: ['/proc/kcore', '/proc/keys'], readonly_paths: ['/proc/sys'] } })
    return { status, mounts: stdout.split('\n').map((line) => line.split(' ')).filter((words) => words.length > 6 && words[4] !== '/sys/fs/cgroup/systemd').map((words) => (masked.test(words[4]) ? words[4] : [words[4], words[5], words[words.indexOf('-') + 1]].join(' '))).sort() }
  }) },
  { name: 'sysctl', expected: { status: 0, reason: 'Completed', stdout: '4242' }, see: alone({ sysctls: { 'kernel.msgmax': '4242' } }, (made) => made.run(['cat', '/proc/sys/kernel/msgmax'])) },
  { name: 'limits, and other ones', see: alone({}, async (made, engine) => {
    const container = await made.start(sleep, { resources: { memory_limit_in_bytes: 64 << 20, memory_swap_limit_in_bytes: 64 << 20, cpu_quota: 50_000, cpu_period: 100_000, cpu_shares: 512 } })
    const limits = async () => (await made.exec(container, ...shell('cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.shares 2>/dev/null || cat memory.max cpu.max cpu.weight'))).stdout
    const before = await limits()
    await engine.ask('UpdateContainerResources', { container_id: container, linux: { memory_limit_in_bytes: 96 << 20, memory_swap_limit_in_bytes: 96 << 20, cpu_quota: 20_000, cpu_period: 100_000, cpu_shares: 256 } })
    return [before, await limits()]
  }) },
  { name: 'out of memory', see: alone({}, async (made) => {
    const { exit_code, reason } = await made.end(await made.start(['tail', '/dev/zero'], { resources: { memory_limit_in_bytes: 16 << 20, memory_swap_limit_in_bytes: 16 << 20 } }))
    return { exit_code, reason }
  }) },
  { name: 'what it uses', expected: [true, true], see: alone({}, async (made, engine) => {
    const { stats: { cpu, memory } } = await engine.ask('ContainerStats', { container_id: await made.start(shell('i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done; sleep 1000')) })
    return [cpu.usage_core_nano_seconds.value > 0, memory.working_set_bytes.value > 0]
  }) },
  { name: 'stop: one that ends at TERM, and one that does not', expected: [5, 137], see: alone({}, async (made, engine) => {
    const [one, two] = [await made.start(polite), await made.start(shell('trap "" TERM; echo ready; while :; do sleep 1; done'))]
    for (const container of [one, two]) await until(async () => (await made.exec(container, ...shell('grep -q "^Sig[IC][a-z]*:.*[4-7c-f]...$" /proc/1/status; echo $?'))).stdout, '0\n')
    await engine.ask('StopContainer', { container_id: one, timeout: 30 })
    await engine.ask('StopContainer', { container_id: two, timeout: 1 })
    return [(await made.status(one)).exit_code, (await made.status(two)).exit_code]
  }) },
  { name: 'PIDs of the pod: all see each other, and the first is the pause container', expected: { first: 'sleep 100000', sees: true, ended: 137 }, see: alone({ namespaces: { pid: ofPod } }, async (made, engine) => {
    const [one, two] = [await made.start(['sleep', '1234']), await made.start(sleep)]
    const first = (await made.exec(two, ...shell('tr "\\0" " " < /proc/1/cmdline'))).stdout.trim()
    const sees = (await made.exec(two, ...shell('cat /proc/[0-9]*/cmdline | tr "\\0" " "'))).stdout.includes('sleep 1234')
    await engine.ask('StopContainer', { container_id: one, timeout: 0 })
    return { first, sees, ended: (await made.status(one)).exit_code }
  }) },
  { name: 'network and PIDs of the machine', expected: { status: 0, net: true, pids: true }, see: alone({ namespaces: { network: ofNode, pid: ofNode, ipc: ofNode } }, async (made) => {
    const container = await made.start(sleep)
    const { status, stdout } = await made.exec(container, ...shell('readlink /proc/self/ns/net; cat /proc/1/comm'))
    const [net, first] = stdout.trim().split('\n')
    const { readlinkSync } = await import('node:fs')
    return { status, net: net === readlinkSync('/proc/self/ns/net'), pids: first === readFileSync('/proc/1/comm', 'utf8').trim() }
  }) },
  { name: 'a pod that is stopped takes its containers with it, and is gone when it is removed', expected: { ended: [137, 137], pods: 0, containers: 0, state: running }, see: async (engine) => {
    let seen
    await pod(engine, {}, async (made) => {
      const containers = [await made.start(shell('trap "" TERM; while :; do sleep 1; done')), await made.start(sleep)]
      const { state } = await made.status(containers[0])
      await engine.ask('StopPodSandbox', { pod_sandbox_id: made.id })
      seen = { ended: await Promise.all(containers.map(async (container) => (await made.end(container)).exit_code)), state }
    })
    return { ...seen, pods: ((await engine.ask('ListPodSandbox')).items ?? []).length, containers: ((await engine.ask('ListContainers')).containers ?? []).length }
  } },
]
