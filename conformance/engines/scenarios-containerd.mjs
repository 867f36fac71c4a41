// The same with containerd, where containers are made with more words. What has no `expected` is whatever is seen with runc.

import { masked } from './masked.mjs'
import { until } from './until.mjs'

let count = 0

const seen = ({ status, stdout }) => ({ status, stdout })
const run = (engine, options, ...command) => engine.run(['--rm', ...options], `box${++count}`, ...command)
const sleep = ['sleep', '1000']

/** With a container that runs meanwhile. */
async function beside(engine, options, command, use) {
  const id = `box${++count}`
  const { status, stderr } = await engine.run(['-d', ...options], id, ...command)
  if (status !== 0) return { status, stderr }
  try {
    return await use(id)
  } finally {
    await engine.remove(id)
  }
}
const exec = (engine, id, options, ...command) => engine.cli(['task', 'exec', '--exec-id', `exec${++count}`, ...options, id, ...command])
const state = async (engine, id) => (await engine.cli(['task', 'ls'])).stdout.split('\n').map((line) => line.split(/\s+/)).find(([name]) => name === id)?.[2]

export const scenarios = [
  { name: 'output', expected: { status: 0, stdout: 'hi\n' }, see: async (engine) => seen(await run(engine, [], 'echo', 'hi')) },
  { name: 'exit status', expected: [0, 7, 125, 127], see: async (engine) => {
    const statuses = []
    for (const status of [0, 7, 125, 127]) statuses.push((await run(engine, [], 'sh', '-c', `exit ${status}`)).status)
    return statuses
  } },
  { name: 'a command that is not there', see: async (engine) => {
    const { status, stderr } = await run(engine, [], '/nonexistent')
    return { status, says: /no such file or directory/.test(stderr) }
  } },
  { name: 'a file that cannot be executed', see: async (engine) => {
    const { status, stderr } = await run(engine, [], '/etc/passwd')
    return { status, says: /permission denied/.test(stderr) }
  } },
  { name: 'a terminal', expected: { status: 4, stdout: 'a terminal\n24 80\n' }, see: async (engine) => seen(await engine.terminal(['--rm'], `box${++count}`, 'sh', '-c', 'test -t 0 && test -t 1 && test -t 2 && echo a terminal; for i in $(seq 50); do s=$(stty size 2>/dev/null); test -n "$s" && break; sleep 0.1; done; echo $s; exit 4')) },
  { name: 'directory, environment', expected: { status: 0, stdout: '/tmp y\n' }, see: async (engine) => seen(await run(engine, ['--cwd', '/tmp', '--env', 'X=y'], 'sh', '-c', 'echo $(pwd) $X')) },
  { name: 'capabilities, no_new_privs, seccomp', see: (engine) => run(engine, [], 'grep', '-E', '^(Cap|NoNewPrivs|Seccomp:|Groups|Uid|Gid)', '/proc/self/status') },
  { name: 'the default profile of seccomp', see: async (engine) => seen(await run(engine, ['--seccomp'], 'sh', '-c', 'grep -E "^Seccomp:" /proc/self/status; mount -t tmpfs tmpfs /tmp || echo refused; unshare -U true || echo refused')) },
  { name: 'descriptors', expected: { status: 0, stdout: '0\n1\n2\n' }, see: async (engine) => seen(await run(engine, [], 'sh', '-c', 'i=0; while [ $i -lt 100 ]; do test -e /proc/$$/fd/$i && echo $i; i=$((i + 1)); done; true')) },
  { name: 'signals ignored and blocked', see: (engine) => run(engine, [], 'grep', '^Sig[BIC]', '/proc/1/status') },
  { name: 'mounts', see: async (engine) => {
    const { status, stdout } = await run(engine, [], 'cat', '/proc/self/mountinfo')
    return { status, mounts: stdout.split('\n').map((line) => line.split(' ')).filter((words) => words.length > 6 && words[4] !== '/sys/fs/cgroup/systemd').map((words) => (masked.test(words[4]) ? words[4] : [words[4], words[5], words[words.indexOf('-') + 1]].join(' '))).sort() }
  } },
  { name: '/dev', see: async (engine) => seen(await run(engine, [], 'sh', '-c', 'cd /dev; stat -c "%n %F %a %u %g %t %T" * | sort; readlink fd stdin stdout stderr ptmx core')) },
  { name: 'limits of the process', see: (engine) => run(engine, ['--rlimit-nofile', '300'], 'cat', '/proc/self/limits') },
  { name: 'a read-only root, a bind mount', expected: { status: 0, stdout: 'read-only\nwritten\n' }, see: async (engine) => seen(await run(engine, ['--read-only', '--mount', 'type=bind,src=/var/tmp,dst=/tmp,options=rbind:rw'], 'sh', '-c', 'touch /x 2>/dev/null || echo read-only; touch /tmp/x && rm /tmp/x && echo written')) },
  { name: 'memory and processors', see: async (engine) => seen(await run(engine, ['--memory-limit', '67108864', '--cpus', '0.5', '--mount', 'type=cgroup,src=cgroup,dst=/sys/fs/cgroup,options=ro'], 'sh', '-c', 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us 2>/dev/null || cat memory.max cpu.max')) },
  { name: 'privileged', see: async (engine) => seen(await run(engine, ['--privileged'], 'sh', '-c', 'grep -E "^(CapEff|Seccomp:)" /proc/self/status; mount -t tmpfs tmpfs /tmp && echo mounted')) },
  { name: 'network of the host', expected: { status: 0, stdout: 'up\n' }, see: async (engine) => seen(await run(engine, ['--net-host'], 'sh', '-c', 'ip link show lo | grep -q LOOPBACK,UP && echo up')) },
  { name: 'exec', expected: { status: 6, stdout: '1 sleep\n' }, see: (engine) => beside(engine, ['--env', 'A=1'], sleep, async (id) => seen(await exec(engine, id, [], 'sh', '-c', 'echo $A $(cat /proc/1/comm); exit 6'))) },
  { name: 'exec: a terminal', expected: { status: 5, stdout: 'a terminal\n' }, see: (engine) => beside(engine, [], sleep, async (id) => seen(await engine.execTerminal('--exec-id', 'e', id, 'sh', '-c', 'test -t 0 && test -t 1 && echo a terminal; sleep 0.5; exit 5'))) },
  { name: 'exec: user and directory', expected: { status: 0, stdout: '1000 /tmp\n' }, see: (engine) => beside(engine, [], sleep, async (id) => seen(await exec(engine, id, ['--user', '1000', '--cwd', '/tmp'], 'sh', '-c', 'echo $(id -u) $(pwd)'))) },
  { name: 'exec: a command that is not there', see: (engine) => beside(engine, [], sleep, async (id) => {
    const { status, stderr } = await exec(engine, id, [], '/nonexistent')
    return { status, says: /no such file or directory/.test(stderr) }
  }) },
  { name: 'processes', expected: 2, see: (engine) => beside(engine, [], ['sh', '-c', 'sleep 1000; true'], (id) => until(async () => (await engine.cli(['task', 'ps', id])).stdout.trim().split('\n').length - 1, 2)) },
  { name: 'pause and resume', expected: ['RUNNING', 'PAUSED', 'RUNNING'], see: (engine) => beside(engine, [], sleep, async (id) => {
    const states = [await state(engine, id)]
    for (const verb of ['pause', 'resume']) {
      await engine.cli(['task', verb, id])
      states.push(await state(engine, id))
    }
    return states
  }) },
  { name: 'kill', expected: 'STOPPED', see: (engine) => beside(engine, [], sleep, async (id) => {
    await engine.cli(['task', 'kill', '-s', 'KILL', id])
    return until(() => state(engine, id), 'STOPPED')
  }) },
  { name: 'kill with a signal that is caught', expected: { status: 5, stdout: '' }, see: async (engine) => {
    const id = `box${++count}`
    const ended = engine.run(['--rm'], id, 'sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.1; done')
    await until(() => state(engine, id), 'RUNNING')
    await until(async () => (await exec(engine, id, [], 'grep', '-q', '^SigCgt.*[4-7].0', '/proc/1/status')).status, 0)
    await engine.cli(['task', 'kill', '-s', 'TERM', id])
    return seen(await ended)
  } },
  { name: 'metrics', expected: true, see: (engine) => beside(engine, [], sleep, async (id) => /memory|pids/.test((await engine.cli(['task', 'metrics', id])).stdout)) },
  { name: 'a task that ends, is removed, and its container', expected: [0, 'STOPPED', 0, 0], see: async (engine) => {
    const id = `box${++count}`
    return [
      (await engine.run(['-d'], id, 'true')).status, await until(() => state(engine, id), 'STOPPED'),
      (await engine.cli(['task', 'rm', id])).status, (await engine.cli(['container', 'rm', id])).status,
    ]
  } },
  { name: 'eight at once', expected: new Array(8).fill(0), see: async (engine) => (await Promise.all(Array.from({ length: 8 }, () => run(engine, [], 'true')))).map(({ status }) => status) },
]
