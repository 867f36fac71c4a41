// What people do with buildah. What has no `expected` is whatever is seen with runc.
import { masked } from './masked.mjs'

const seen = ({ status, stdout }) => ({ status, stdout })
const shell = (script) => ['sh', '-c', script]

export const scenarios = [
  { name: 'output', expected: { status: 0, stdout: 'hi\n' }, see: async (engine) => seen(await engine.run([], ['echo', 'hi'])) },
  { name: 'exit status', expected: [0, 7, 137], see: async (engine) => {
    const statuses = []
    for (const script of ['exit 0', 'exit 7', 'kill -9 $$; exit 137']) statuses.push((await engine.run([], shell(script))).status)
    return statuses
  } },
  { name: 'a command that is not there', see: async (engine) => {
    const { status, stderr } = await engine.run([], ['/nonexistent'])
    return { status, says: /no such file or directory/.test(stderr) }
  } },
  { name: 'stdin, and stdout and stderr apart', expected: { status: 3, stdout: 'from outside\n', says: true }, see: async (engine) => {
    const { status, stdout, stderr } = await engine.run([], shell('cat; echo error >&2; exit 3'), { input: 'from outside\n' })
    return { status, stdout, says: /^error$/m.test(stderr) }
  } },
  { name: 'a terminal', see: async (engine) => {
    const { status, stdout } = await engine.terminal([], shell('test -t 0 && test -t 1 && test -t 2 && echo a terminal; exit 4'))
    return { status, terminal: stdout.includes('a terminal\n') }
  } },
  { name: 'user, groups, environment, directory', expected: { status: 0, stdout: '1000 1000 /tmp y\n' }, see: async (engine) => seen(await engine.run(['--user', 'user', '--env', 'X=y', '--workingdir', '/tmp'], shell('echo $(id -u) $(id -g) $(pwd) $X'))) },
  { name: 'capabilities, no_new_privs, seccomp', see: async (engine) => seen(await engine.run([], ['grep', '-E', '^(Cap|NoNewPrivs|Seccomp:|Uid|Gid)', '/proc/self/status'])) },
  { name: 'capabilities taken and given', see: async (engine) => seen(await engine.run(['--cap-drop', 'CAP_CHOWN', '--cap-add', 'CAP_NET_ADMIN'], ['grep', '^CapBnd', '/proc/self/status'])) },
  { name: 'mounts', see: async (engine) => {
    const { status, stdout } = await engine.run([], ['cat', '/proc/self/mountinfo'])
    return { status, mounts: stdout.split('\n').map((line) => line.split(' ')).filter((words) => words.length > 6 && !words[4].startsWith('/sys/fs/cgroup')).map((words) => (masked.test(words[4]) ? words[4] : [words[4], words[5], words[words.indexOf('-') + 1]].join(' '))).sort() }
  } },
  { name: '/dev', see: async (engine) => seen(await engine.run([], shell('cd /dev; stat -c "%n %F %a %u %g %t %T" * | sort; readlink fd stdin stdout stderr ptmx'))) },
  { name: 'bind mounts', expected: { status: 0, stdout: 'kept\nread-only\n' }, see: async (engine) => seen(await engine.run(['-v', '/etc/hostname:/a/file:ro', '-v', '/var/tmp:/b'], shell('test -s /a/file && touch /b/x && rm /b/x && echo kept; (echo >> /a/file) 2>/dev/null || echo read-only'))) },
  { name: 'hostname, PID 1', expected: { status: 0, stdout: '1\n' }, see: async (engine) => seen(await engine.run([], shell('echo $$'))) },
  { name: 'network of the host', expected: { status: 0, stdout: 'up\n' }, see: async (engine) => seen(await engine.run(['--network', 'host'], shell('ip link show lo | grep -q LOOPBACK,UP && echo up'))) },
  { name: 'build: RUN, with a user and a directory', expected: { status: 0, file: '/home/user 1000\n' }, see: async (engine) => {
    const { status } = await engine.build(['RUN chown user /home/user', 'USER user', 'WORKDIR /home/user', 'RUN echo $(pwd) $(id -u) > /home/user/made'])
    return { status, file: status === 0 ? await engine.built('/home/user/made') : '' }
  } },
  { name: 'build: a RUN that fails', see: async (engine) => (await engine.build(['RUN exit 3'])).status },
  { name: 'build: a RUN that is not there', see: async (engine) => (await engine.build(['RUN ["/nonexistent"]'])).status },
]
