// What people do with podman and Docker, whose commands are the same. Each scenario returns what was seen; `expected` is what has to be
// seen with any runtime. Where that depends on the engine or the machine there is no `expected`: it is whatever is seen with runc.

import { existsSync, readFileSync } from 'node:fs'
import { masked } from './masked.mjs'
import { until } from './until.mjs'

let count = 0

const seen = ({ status, stdout }) => ({ status, stdout })
/** A command in a container of its own. */
const run = (engine, options, ...command) => engine.cli(['run', '--rm', '--network', 'none', ...options, engine.image, ...command])

/** With a container that runs meanwhile. */
async function beside(engine, options, command, use) {
  const name = `box${++count}`
  const { status, stderr } = await engine.cli(['run', '-d', '--name', name, '--network', 'none', ...options, engine.image, ...command])
  if (status !== 0) return { status, stderr }
  try {
    return await use(name)
  } finally {
    await engine.remove(name)
  }
}

const inspect = async (engine, name, format) => (await engine.cli(['inspect', '--format', format, name])).stdout.trim()

const sleep = ['sleep', '1000']
/** Ends at TERM with a status of its own, and says when it is ready. */
const polite = ['sh', '-c', 'trap "exit 5" TERM; trap "echo usr1" USR1; echo ready; while :; do sleep 0.1; done']
const ready = (engine, name) => until(async () => (await engine.cli(['logs', name])).stdout, /ready/)

export const scenarios = [
  { name: 'output', expected: { status: 0, stdout: 'hi\n' }, see: async (engine) => seen(await run(engine, [], 'echo', 'hi')) },
  { name: 'exit status', expected: [0, 7, 125, 126, 127, 137], see: async (engine) => {
    const statuses = []
    for (const command of ['exit 0', 'exit 7', 'exit 125', 'exit 126', 'exit 127', 'kill -9 $$; kill -9 -1; exit 137']) statuses.push((await run(engine, [], 'sh', '-c', command)).status)
    return statuses
  } },
  { name: 'a command that is not there', expected: 127, see: async (engine) => (await run(engine, [], '/nonexistent')).status },
  { name: 'a name that is not in PATH', expected: 127, see: async (engine) => (await run(engine, [], 'nonexistent')).status },
  { name: 'a file that cannot be executed', expected: 126, see: async (engine) => (await run(engine, [], '/etc/passwd')).status },
  { name: 'a directory as a command', expected: 126, see: async (engine) => (await run(engine, [], '/etc')).status },
  { name: 'a working directory that is not there', see: async (engine) => seen(await run(engine, ['-w', '/a/b'], 'pwd')) },
  { name: 'stdin', expected: { status: 0, stdout: 'from outside' }, see: async (engine) => seen(await engine.cli(['run', '-i', '--rm', '--network', 'none', engine.image, 'cat'], { input: 'from outside' })) },
  { name: 'ten megabytes through a pipe', expected: { status: 0, stdout: '10485760\n' }, see: async (engine) => seen(await engine.cli(['run', '-i', '--rm', '--network', 'none', engine.image, 'wc', '-c'], { input: Buffer.alloc(10 << 20, 1) })) },
  { name: 'stdout and stderr apart', expected: { status: 3, stdout: 'out\n', stderr: 'err\n' }, see: (engine) => run(engine, [], 'sh', '-c', 'echo out; echo err >&2; exit 3') },
  { name: 'a terminal', expected: { status: 4, stdout: 'a terminal\n24 80\n' }, see: async (engine) => seen(await engine.terminal(['run', '-it', '--rm', '--network', 'none', engine.image, 'sh', '-c', 'test -t 0 && test -t 1 && test -t 2 && echo a terminal; for i in $(seq 50); do s=$(stty size 2>/dev/null); test -n "$s" && break; sleep 0.1; done; echo $s; exit 4'])) },
  { name: 'user, groups, environment', expected: { status: 0, stdout: '1000 1000 1000 2000 /home/user x=y\n' }, see: async (engine) => seen(await run(engine, ['-u', 'user', '-e', 'X=y'], 'sh', '-c', 'echo $(id -u) $(id -g) $(id -G) $HOME x=$X')) },
  { name: 'a user by number', expected: { status: 0, stdout: '1234 99\n' }, see: async (engine) => seen(await run(engine, ['-u', '1234:99'], 'sh', '-c', 'echo $(id -u) $(id -g)')) },
  { name: 'PID 1, and no other process', expected: { status: 0, stdout: '1\n1 sh\n' }, see: async (engine) => seen(await run(engine, [], 'sh', '-c', 'echo $$; for p in /proc/[0-9]*; do echo ${p#/proc/} $(cat $p/comm); done | grep -v -e cat -e grep | grep -v "^[2-9]"')) },
  { name: 'hostname', expected: { status: 0, stdout: 'there\n' }, see: async (engine) => seen(await run(engine, ['--hostname', 'there'], 'hostname')) },
  { name: 'capabilities, no_new_privs, seccomp', see: (engine) => run(engine, [], 'sh', '-c', 'grep -E "^(Cap|NoNewPrivs|Seccomp:|Uid|Gid)" /proc/self/status; id -G') },
  { name: 'capabilities taken and given', see: (engine) => run(engine, ['--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--cap-add', 'CHOWN'], 'grep', '^Cap', '/proc/self/status') },
  { name: 'capabilities of a user', see: (engine) => run(engine, ['-u', '1000'], 'grep', '-E', '^(Cap|Groups)', '/proc/self/status') },
  { name: 'no new privileges', expected: { status: 0, stdout: 'NoNewPrivs:\t1\n' }, see: async (engine) => seen(await run(engine, ['--security-opt', 'no-new-privileges'], 'grep', 'NoNewPrivs', '/proc/self/status')) },
  { name: 'descriptors', expected: { status: 0, stdout: '0\n1\n2\n' }, see: async (engine) => seen(await run(engine, [], 'sh', '-c', 'i=0; while [ $i -lt 100 ]; do test -e /proc/$$/fd/$i && echo $i; i=$((i + 1)); done; true')) },
  { name: 'signals ignored and blocked', see: (engine) => run(engine, [], 'grep', '^Sig[BIC]', '/proc/1/status') },
  { name: 'mounts', see: async (engine) => {
    const { status, stdout } = await run(engine, [], 'cat', '/proc/self/mountinfo')
    // Place, options, and kind; not the numbers, nor where the engine keeps the files of this container.
    return { status, mounts: stdout.split('\n').map((line) => line.split(' ')).filter((words) => words.length > 6 && words[4] !== '/sys/fs/cgroup/systemd').map((words) => {
      const after = words.slice(words.indexOf('-') + 1)
      // Whether the root still follows the host's mounts is open where nothing was asked for. What covers a masked path is each runtime's own affair.
      if (masked.test(words[4])) return words[4]
      return [words[4], words[5], words[4] === '/' ? '' : words.slice(6, words.indexOf('-')).join(' ').replace(/\d+/g, 'N'), after[0]].join(' ')
    }).sort() }
  } },
  { name: '/dev', see: async (engine) => {
    const { stdout, status } = await run(engine, [], 'sh', '-c', 'cd /dev; stat -c "%n %F %a %u %g %t %T" * | sort; readlink fd stdin stdout stderr ptmx core')
    return { status, stdout }
  } },
  { name: '/dev with a terminal', see: async (engine) => {
    const { stdout, status } = await engine.terminal(['run', '-t', '--rm', '--network', 'none', engine.image, 'sh', '-c', 'cd /dev; stat -c "%n %F %u %g" console pts/0; tty; echo hello > console'])
    return { status, stdout }
  } },
  { name: 'masked and read-only paths', see: async (engine) => seen(await run(engine, [], 'sh', '-c', 'for f in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/acpi /sys/firmware; do test -e $f && stat -c "%n %F %t %T" $f; done; for f in /proc/sys/kernel/panic /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/uevent_seqnum; do sh -c ": >> $f" 2>/dev/null && echo $f can be written; done; true')) },
  { name: 'limits of the process', see: (engine) => run(engine, ['--ulimit', 'nofile=512:1000', '--ulimit', 'nproc=1000:1000', '--ulimit', 'core=0'], 'cat', '/proc/self/limits') },
  { name: 'sysctl', expected: { status: 0, stdout: '4242\n' }, see: async (engine) => seen(await run(engine, ['--sysctl', 'kernel.msgmax=4242'], 'cat', '/proc/sys/kernel/msgmax')) },
  { name: 'bind mounts, read-only ones', expected: { status: 0, stdout: 'kept\nread-only\n' }, see: async (engine) => seen(await run(engine, ['-v', '/etc/hostname:/a/file:ro', '-v', '/var/tmp:/b'], 'sh', '-c', 'test -s /a/file && touch /b/x && rm /b/x && echo kept; echo >> /a/file || echo read-only')) },
  { name: 'tmpfs and a read-only root', expected: { status: 0, stdout: '1777\nread-only\n' }, see: async (engine) => seen(await run(engine, ['--read-only', '--tmpfs', '/scratch:size=1m,mode=1777'], 'sh', '-c', 'stat -c %a /scratch; touch /scratch/x && touch /x 2>/dev/null || echo read-only')) },
  { name: 'shared memory of a size', expected: { status: 0, stdout: '8192\n' }, see: async (engine) => seen(await run(engine, ['--shm-size', '8m'], 'sh', '-c', 'df -k /dev/shm | tail -n 1 | awk \'{ print $2 }\'')) },
  { name: 'a device', expected: { status: 0, stdout: 'there\n' }, see: async (engine) => seen(await run(engine, ['--device', '/dev/null:/dev/other'], 'sh', '-c', 'echo > /dev/other && echo there')) },
  { name: 'a device that was not given', expected: { status: 0, stdout: 'refused\n' }, see: async (engine) => seen(await run(engine, [], 'sh', '-c', 'mknod /tmp/kmsg c 1 11; cat /tmp/kmsg 2>/dev/null >/dev/null || echo refused')) },
  { name: 'memory', expected: { status: 0, stdout: '67108864\n' }, see: async (engine) => seen(await run(engine, ['--memory', '64m'], 'sh', '-c', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max')) },
  { name: 'more memory than that', see: (engine) => beside(engine, ['--memory', '20m', '--memory-swap', '20m'], ['sh', '-c', 'tail /dev/zero; exit 137'], async (name) => ({ status: Number((await engine.cli(['wait', name])).stdout), killed: await inspect(engine, name, '{{.State.OOMKilled}}') })) },
  { name: 'processes', expected: { status: 0, stdout: '7\n' }, see: async (engine) => seen(await run(engine, ['--pids-limit', '7'], 'sh', '-c', 'cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max')) },
  { name: 'processors', see: async (engine) => seen(await run(engine, ['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0'], 'sh', '-c', 'cd /sys/fs/cgroup; cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpu/cpu.shares cpuset/cpuset.cpus 2>/dev/null || cat cpu.max cpu.weight cpuset.cpus')) },
  { name: 'an init', expected: { status: 0, exit: 6 }, see: async (engine) => {
    const { status } = await run(engine, ['--init'], 'sh', '-c', 'test $$ != 1')
    return { status, exit: (await run(engine, ['--init'], 'sh', '-c', 'exit 6')).status }
  } },
  // Without CAP_SYS_RESOURCE runc 1.1 gives up; later ones, and ours, leave out what cannot be given.
  { name: 'privileged', better: true, see: async (engine) => seen(await run(engine, ['--privileged'], 'sh', '-c', 'grep -E "^(Cap|Seccomp:)" /proc/self/status; ls /proc/kcore; mount -t tmpfs tmpfs /tmp && echo mounted')) },
  { name: 'PID namespace of the host', expected: { status: 0, stdout: 'other\n' }, see: async (engine) => seen(await run(engine, ['--pid', 'host'], 'sh', '-c', 'test $$ != 1 && test -d /proc/1 && echo other')) },
  { name: 'a namespace of another container', expected: { status: 0, stdout: 'sleep\n' }, see: (engine) => beside(engine, ['--ipc', 'shareable'], sleep, async (name) => seen(await engine.cli(['run', '--rm', '--network', `container:${name}`, '--ipc', `container:${name}`, '--pid', `container:${name}`, engine.image, 'cat', '/proc/1/comm']))) },

  { name: 'exec', expected: { status: 0, stdout: '1 y sh\n' }, see: (engine) => beside(engine, ['-e', 'A=1'], ['sh', '-c', 'sleep 1000; true'], async (name) => seen(await engine.cli(['exec', '-e', 'X=y', name, 'sh', '-c', 'echo $A $X $(cat /proc/1/comm)']))) },
  { name: 'exec: exit status', see: (engine) => beside(engine, [], sleep, async (name) => {
    const statuses = []
    for (const command of [['sh', '-c', 'exit 3'], ['/etc/passwd'], ['/nonexistent'], ['nonexistent']]) statuses.push((await engine.cli(['exec', name, ...command])).status)
    return statuses
  }) },
  { name: 'exec: stdin, user, directory', expected: { status: 0, stdout: 'in 1000 2000 /tmp\n' }, see: (engine) => beside(engine, [], sleep, async (name) => seen(await engine.cli(['exec', '-i', '-u', 'user', '-w', '/tmp', name, 'sh', '-c', 'echo $(cat) $(id -G) $(pwd)'], { input: 'in' }))) },
  { name: 'exec: a terminal', expected: { status: 5, stdout: 'a terminal\n' }, see: (engine) => beside(engine, [], sleep, async (name) => seen(await engine.terminal(['exec', '-it', name, 'sh', '-c', 'test -t 0 && test -t 1 && echo a terminal; exit 5']))) },
  { name: 'exec: capabilities, seccomp, limits', see: (engine) => beside(engine, ['--cap-drop', 'NET_RAW', '--ulimit', 'nofile=200:200', '--ulimit', 'nproc=1000:1000'], sleep, async (name) => seen(await engine.cli(['exec', name, 'sh', '-c', 'grep -E "^(Cap|NoNew|Seccomp:)" /proc/self/status; grep "open files" /proc/self/limits; ls /proc/self/fd | wc -l']))) },
  { name: 'exec: detached', expected: 'done', see: (engine) => beside(engine, [], sleep, async (name) => {
    await engine.cli(['exec', '-d', name, 'sh', '-c', 'echo done > /tmp/done'])
    return until(async () => (await engine.cli(['exec', name, 'cat', '/tmp/done'])).stdout.trim(), 'done')
  }) },
  { name: 'exec is in the cgroup of the container', expected: true, see: (engine) => beside(engine, [], sleep, async (name) => (await engine.cli(['exec', name, 'sh', '-c', 'cat /proc/1/cgroup'])).stdout === (await engine.cli(['exec', name, 'sh', '-c', 'cat /proc/self/cgroup'])).stdout) },
  { name: 'top', expected: 1, see: (engine) => beside(engine, [], sleep, async (name) => (await engine.cli(['top', name])).stdout.split('\n').filter((line) => line.includes('sleep 1000')).length) },
  { name: 'stop a command that ends at TERM', expected: 5, see: (engine) => beside(engine, [], polite, async (name) => {
    await ready(engine, name)
    await engine.cli(['stop', name])
    return Number(await inspect(engine, name, '{{.State.ExitCode}}'))
  }) },
  { name: 'stop a command that does not', expected: 137, see: (engine) => beside(engine, [], sleep, async (name) => {
    await engine.cli(['stop', '-t', '1', name])
    return Number(await inspect(engine, name, '{{.State.ExitCode}}'))
  }) },
  { name: 'kill with a signal', expected: 'usr1', see: (engine) => beside(engine, [], polite, async (name) => {
    await ready(engine, name)
    await engine.cli(['kill', '-s', 'USR1', name])
    return (await until(async () => (await engine.cli(['logs', name])).stdout, /usr1/)).split('\n')[1]
  }) },
  { name: 'kill', expected: 137, see: (engine) => beside(engine, [], sleep, async (name) => {
    await engine.cli(['kill', name])
    return Number((await engine.cli(['wait', name])).stdout)
  }) },
  { name: 'pause and unpause', expected: ['paused', false, 'running', true], see: (engine) => beside(engine, ['-v', '/var/tmp:/b'], ['sh', '-c', 'while :; do cat /proc/uptime > /b/new; mv /b/new /b/now; sleep 0.05; done'], async (name) => {
    const read = () => (existsSync('/var/tmp/now') ? readFileSync('/var/tmp/now', 'utf8') : '')
    const changes = async (seconds) => {
      const first = read()
      return until(async () => read() !== first, true, { seconds })
    }
    await until(async () => read() !== '', true)
    await engine.cli(['pause', name])
    const paused = [await inspect(engine, name, '{{.State.Status}}'), await changes(0.4)]
    await engine.cli(['unpause', name])
    return [...paused, await inspect(engine, name, '{{.State.Status}}'), await changes()]
  }) },
  { name: 'update', expected: '33554432', see: (engine) => beside(engine, ['--memory', '64m', '--memory-swap', '64m'], sleep, async (name) => {
    await engine.cli(['update', '--memory', '32m', '--memory-swap', '32m', name])
    return (await engine.cli(['exec', name, 'sh', '-c', 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes 2>/dev/null || cat memory.max'])).stdout.trim()
  }) },
  { name: 'restart', expected: ['running', true], see: (engine) => beside(engine, [], sleep, async (name) => {
    const pid = await inspect(engine, name, '{{.State.Pid}}')
    await engine.cli(['restart', '-t', '0', name])
    return [await inspect(engine, name, '{{.State.Status}}'), pid !== (await inspect(engine, name, '{{.State.Pid}}'))]
  }) },
  { name: 'create, start, wait, logs, rm', expected: [0, '9', 'said\n', 0, ''], see: async (engine) => {
    const name = `box${++count}`
    await engine.cli(['create', '--name', name, '--network', 'none', engine.image, 'sh', '-c', 'echo said; exit 9'])
    const { status } = await engine.cli(['start', name])
    const waited = (await engine.cli(['wait', name])).stdout.trim()
    const logs = (await engine.cli(['logs', name])).stdout
    return [status, waited, logs, (await engine.cli(['rm', name])).status, (await engine.cli(['ps', '-aq', '--filter', `name=${name}`])).stdout]
  } },
  { name: 'eight at once', expected: new Array(8).fill(0), see: async (engine) => (await Promise.all(Array.from({ length: 8 }, () => run(engine, [], 'true')))).map(({ status }) => status) },
]
