// config.md and config-linux.md: what a property of the configuration does, seen from inside.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { configuration, until } from './bundle.mjs'

const seen = ({ status, stdout }) => ({ status, stdout })
const sh = (script) => ['sh', '-c', script]
/** What a command says in a container with such a configuration. */
const inside = (script, { process = {}, ...config } = {}) => async (runtime) => seen(await runtime.run(configuration({ ...config, process: { args: sh(script), ...process } })))
const ok = (stdout) => ({ status: 0, stdout })
const refused = (config) => async (runtime) => (await runtime.run(configuration(config))).status !== 0
const base = configuration()
const mounts = (...more) => [...base.mounts, ...more]
const status = (...names) => `grep -E '^(${names.join('|')}):' /proc/self/status`
const namespaceOf = (kind) => readlinkSync(`/proc/self/ns/${kind}`)
const v1 = existsSync('/sys/fs/cgroup/memory')
/** A file of the container's group, as the host sees it. */
const limit = (resources, file1, file2) => (runtime) => runtime.created(configuration({ process: { args: ['sleep', '100'] }, linux: { cgroupsPath: '/specification-limits', resources } }), async ({ status: made }) => {
  const file = v1 ? `/sys/fs/cgroup/${file1.split('/')[0]}/specification-limits/${file1.split('/')[1]}` : `/sys/fs/cgroup/specification-limits/${file2}`
  return made === 0 ? readFileSync(file, 'utf8').trim() : `create: ${made}`
})
const on = (v1Value, v2Value) => (v1 ? v1Value : v2Value)

export const scenarios = [
  { section: 'config.md#specification-version', name: 'a version that there is not', expected: true, see: refused({ ociVersion: 'nonsense' }) },
  { section: 'config.md#root', name: 'a root that is not there', expected: true, see: refused({ root: { path: '/nonexistent' } }) },
  { section: 'config.md#root', name: 'a root that cannot be written', expected: ok('read-only\n'), see: inside('touch /x 2>/dev/null || echo read-only', { root: { path: 'rootfs', readonly: true } }) },
  { section: 'config.md#process', name: 'args, env, cwd', expected: ok('/tmp 1 /bin\n'), see: inside('echo $(pwd) $A $PATH', { process: { cwd: '/tmp', env: ['A=1', 'PATH=/bin'] } }) },
  { section: 'config.md#process', name: 'nothing of the environment of the runtime', expected: ok('A=1\nPATH=/bin\nPWD=/\nSHLVL=1\n'), see: inside('env | grep -v ^_= | grep -v HOME= | sort', { process: { env: ['A=1', 'PATH=/bin'] } }) },
  { section: 'config.md#process', name: 'a working directory that is relative', expected: true, see: refused({ process: { cwd: 'tmp' } }) },
  { section: 'config.md#process', name: 'no arguments', expected: true, see: refused({ process: { args: [] } }) },
  { section: 'config.md#process', name: 'the exit status', expected: { status: 42, stdout: '' }, see: inside('exit 42') },
  { section: 'config.md#process', name: 'death by a signal', see: inside('kill -9 $$') },
  { section: 'config.md#process', name: 'a terminal', expected: { status: 0, stdout: 'a terminal\n' }, see: async (runtime) => seen(await runtime.runOnTerminal(configuration({ process: { terminal: true, args: sh('test -t 0 && test -t 1 && test -t 2 && echo a terminal') } }))) },
  { section: 'config.md#user', name: 'user, group, additional groups, umask', expected: ok('1000 2000 2000 3000 4000 0027\n'), see: inside('echo $(id -u) $(id -g) $(id -G) $(umask)', { process: { user: { uid: 1000, gid: 2000, additionalGids: [3000, 4000], umask: 0o27 } } }) },
  { section: 'config.md#linux-process', name: 'all five sets of capabilities, behind the execve of a user', expected: ok('CapInh:\t0000000000000001\nCapPrm:\t0000000000000001\nCapEff:\t0000000000000001\nCapBnd:\t0000000000000421\nCapAmb:\t0000000000000001\n'), see: inside(status('Cap...'), { process: { user: { uid: 1000, gid: 1000 }, capabilities: { bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'], permitted: ['CAP_CHOWN', 'CAP_KILL'], effective: ['CAP_CHOWN', 'CAP_KILL'], inheritable: ['CAP_CHOWN'], ambient: ['CAP_CHOWN'] } } }) },
  { section: 'config.md#linux-process', name: 'no capabilities', expected: ok('CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n'), see: inside(status('Cap...'), { process: { capabilities: {} } }) },
  { section: 'config.md#linux-process', name: 'no new privileges', expected: ok('NoNewPrivs:\t1\n'), see: inside(status('NoNewPrivs'), { process: { noNewPrivileges: true } }) },
  { section: 'config.md#linux-process', name: 'the score for running out of memory', expected: ok('77\n'), see: inside('cat /proc/self/oom_score_adj', { process: { oomScoreAdj: 77 } }) },
  { section: 'config.md#posix-process', name: 'limits', expected: ok('0 0\n100 200\n'), see: inside('grep -E "^Max (open files|core)" /proc/self/limits | sed -E "s/[^0-9]*([0-9]+) +([0-9]+).*/\\1 \\2/"', { process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }, { type: 'RLIMIT_CORE', soft: 0, hard: 0 }] } }) },
  { section: 'config.md#posix-process', name: 'a limit that there is not', expected: true, see: refused({ process: { rlimits: [{ type: 'RLIMIT_NOSUCH', soft: 1, hard: 1 }] } }) },
  { section: 'config.md#posix-process', name: 'a limit twice', see: refused({ process: { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }, { type: 'RLIMIT_NOFILE', soft: 2, hard: 2 }] } }) },
  { section: 'config.md#hostname', name: 'hostname', expected: ok('specified\n'), see: inside('hostname', { hostname: 'specified' }) },
  { section: 'config.md#hostname', name: 'a hostname without a namespace for it', see: refused({ hostname: 'specified', linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] } }) },
  { section: 'config.md#mounts', name: 'in the order in which they are listed', expected: ok('second\n'), see: inside('mount | grep " /a " | tail -n 1 | cut -d" " -f1', { mounts: mounts({ destination: '/a', type: 'tmpfs', source: 'first' }, { destination: '/a', type: 'tmpfs', source: 'second' }), root: { path: 'rootfs' } }) },
  { section: 'config.md#mounts', name: 'the table of mounts has them in this order, bind mounts among new ones', expected: ok('/a /a/b /c\n'), see: inside('echo $(grep -oE " /(a|a/b|c) " /proc/self/mounts)', { mounts: mounts({ destination: '/a', type: 'tmpfs', source: 'tmpfs' }, { destination: '/a/b', source: '/usr', options: ['rbind'] }, { destination: '/c', type: 'tmpfs', source: 'tmpfs' }) }) },
  { section: 'config.md#mounts', name: 'options of a mount', expected: ok('rw nosuid nodev noexec 1700 size=1024k\n'), see: inside('set -- $(grep " /a " /proc/self/mounts); echo $(echo $4 | tr , "\\n" | grep -E "^(rw|nosuid|nodev|noexec)$" ) $(stat -c %a /a) $(echo $4 | tr , "\\n" | grep ^size)', { mounts: mounts({ destination: '/a', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=1700', 'size=1024k'] }) }) },
  ...['ro', 'rw'].map((option) => ({ section: 'config.md#mounts', name: `bind, ${option}`, expected: ok(option === 'ro' ? 'refused\n' : 'written\n'), see: async (runtime) => {
    mkdirSync('/var/tmp/source', { recursive: true })
    return inside('touch /a/x 2>/dev/null && echo written || echo refused', { mounts: mounts({ destination: '/a', type: 'bind', source: '/var/tmp/source', options: ['bind', option] }) })(runtime)
  } })),
  { section: 'config.md#mounts', name: 'a file over a file', expected: ok('specified\n'), see: async (runtime) => {
    writeFileSync('/var/tmp/file', 'specified\n')
    return inside('cat /etc/passwd', { mounts: mounts({ destination: '/etc/passwd', type: 'bind', source: '/var/tmp/file', options: ['bind'] }) })(runtime)
  } },
  // Each bundle has a directory of this name; the runtime is somewhere else.
  { section: 'config.md#mounts', name: 'a source that is relative to the bundle', expected: ok('there\n'), see: inside('test -d /a && grep -q "/upper /a " /proc/self/mountinfo && echo there', { mounts: mounts({ destination: '/a', type: 'bind', source: 'upper', options: ['bind'] }) }) },
  { section: 'config.md#linux-mount-options', name: 'options that nobody has to do anything for', expected: ok('ok\n'), see: inside('echo ok', { mounts: mounts({ destination: '/a', type: 'tmpfs', source: 'tmpfs', options: ['async', 'defaults', 'iversion', 'loud', 'nolazytime', 'noiversion', 'nomand'] }) }) },
  { section: 'config.md#linux-mount-options', name: 'options of the file system that every kind has', expected: ok('rw,sync,dirsync,lazytime\n'), see: inside('grep " /a " /proc/self/mountinfo | sed "s/.* - tmpfs tmpfs //" | grep -oE "^rw,sync,dirsync,lazytime"', { mounts: mounts({ destination: '/a', type: 'tmpfs', source: 'tmpfs', options: ['sync', 'dirsync', 'lazytime'] }) }) },
  { section: 'config.md#mounts', name: 'a source that is not there', expected: true, see: refused({ mounts: mounts({ destination: '/a', type: 'bind', source: '/nonexistent', options: ['bind'] }) }) },
  { section: 'config.md#mounts', name: 'read-only with all below', see: inside('touch /a/docker/x 2>/dev/null && echo written || echo refused', { mounts: mounts({ destination: '/a', type: 'bind', source: '/var/lib', options: ['rbind', 'rro'] }) }) },
  ...['shared', 'slave', 'private', 'unbindable'].map((kind) => ({ section: 'config-linux.md#rootfs-mount-propagation', name: `the root is ${kind}`, see: inside('grep " / / " /proc/self/mountinfo | grep -oE "shared|master|unbindable" || echo none', { linux: { rootfsPropagation: kind } }) })),
  { section: 'config-linux.md#default-filesystems', name: '/dev', see: inside('cd /dev; stat -c "%n %F %a %u %g %t %T" null zero full random urandom tty; readlink fd stdin stdout stderr ptmx') },
  { section: 'config-linux.md#namespaces', name: 'PID, UTS, IPC, network and mounts of its own', expected: [true, true, true, true, true], see: async (runtime) => {
    const { stdout } = await runtime.run(configuration({ process: { args: sh('for n in pid uts ipc net mnt; do readlink /proc/self/ns/$n; done') } }))
    const words = stdout.trim().split('\n')
    return ['pid', 'uts', 'ipc', 'net', 'mnt'].map((kind, i) => words[i]?.startsWith(`${kind}:[`) && words[i] !== namespaceOf(kind))
  } },
  { section: 'config-linux.md#namespaces', name: 'those that are not listed are the runtime\'s', expected: true, see: async (runtime) => (await runtime.run(configuration({ process: { args: ['readlink', '/proc/self/ns/net'] }, linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }] } }))).stdout.trim() === namespaceOf('net') },
  { section: 'config-linux.md#namespaces', name: 'by path', expected: true, see: async (runtime) => runtime.created(configuration({ process: { args: ['sleep', '100'] } }), async ({ id }) => {
    const { pid } = JSON.parse((await runtime.cli(['state', id])).stdout)
    const theirs = readlinkSync(`/proc/${pid}/ns/net`)
    const { stdout } = await runtime.run(configuration({ process: { args: ['readlink', '/proc/self/ns/net'] }, linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network', path: `/proc/${pid}/ns/net` }] } }))
    return stdout.trim() === theirs
  }) },
  { section: 'config-linux.md#namespaces', name: 'a mount namespace by path', expected: [true, ok('bin dev etc\n')], see: async (runtime) => {
    const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sleep', '100'], { stdio: 'ignore' })
    try {
      await until(() => readFileSync(`/proc/${holder.pid}/comm`, 'utf8'), (name) => name === 'sleep\n')
      const path = `/proc/${holder.pid}/ns/mnt`
      const { stdout, status } = await runtime.run(configuration({ process: { args: sh('readlink /proc/self/ns/mnt; echo $(ls -d bin dev etc)') }, linux: { namespaces: [{ type: 'pid' }, { type: 'mount', path }] } }))
      const [namespace, ...rest] = stdout.split('\n')
      return [namespace === readlinkSync(path), { status, stdout: rest.join('\n') }]
    } finally {
      holder.kill('SIGKILL')
    }
  } },
  { section: 'config-linux.md#namespaces', name: 'a path of another kind', expected: true, see: refused({ linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network', path: '/proc/self/ns/ipc' }] } }) },
  { section: 'config-linux.md#namespaces', name: 'the same kind twice', expected: true, see: refused({ linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'pid' }] } }) },
  { section: 'config-linux.md#user-namespace-mappings', name: 'a user namespace', expected: ok('0 1000 2000 0 1000 2000 0\n'), see: inside('echo $(cat /proc/self/uid_map /proc/self/gid_map) $(id -u)', { linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }, { type: 'uts' }, { type: 'network' }, { type: 'user' }], uidMappings: [{ containerID: 0, hostID: 1000, size: 2000 }], gidMappings: [{ containerID: 0, hostID: 1000, size: 2000 }] } }) },
  { section: 'config-linux.md#devices', name: 'where a device is to be there is another file', expected: true, see: refused({ linux: { ...base.linux, devices: [{ path: '/etc/passwd', type: 'c', major: 1, minor: 3 }] } }) },
  { section: 'config-linux.md#devices', name: 'devices', expected: ok('/dev/a character special file 640 5 6 1 3\n/dev/b fifo 600 0 0 0 0\n'), see: inside('stat -c "%n %F %a %u %g %t %T" /dev/a /dev/b', { linux: { devices: [{ path: '/dev/a', type: 'c', major: 1, minor: 3, fileMode: 0o640, uid: 5, gid: 6 }, { path: '/dev/b', type: 'p', fileMode: 0o600, uid: 0, gid: 0 }] } }) },
  { section: 'config-linux.md#allowed-device-list', name: 'a device that may be used, and one that may not', expected: ok('null\nno kmsg\n'), see: inside('echo > /dev/other && echo null; cat /dev/kmsg 2>/dev/null || echo no kmsg', { linux: {
    devices: [{ path: '/dev/other', type: 'c', major: 1, minor: 3, fileMode: 0o666 }, { path: '/dev/kmsg', type: 'c', major: 1, minor: 11, fileMode: 0o666 }],
    resources: { devices: [{ allow: false, access: 'rwm' }, { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }] }, cgroupsPath: '/specification-devices',
  } }) },
  { section: 'config-linux.md#memory', name: 'memory', expected: '33554432', see: limit({ memory: { limit: 33554432 } }, 'memory/memory.limit_in_bytes', 'memory.max') },
  { section: 'config-linux.md#memory', name: 'a soft limit', expected: '16777216', see: limit({ memory: { limit: 33554432, reservation: 16777216 } }, 'memory/memory.soft_limit_in_bytes', 'memory.low') },
  ...(v1 ? [
    { section: 'config-linux.md#memory', name: 'no killer', expected: 'oom_kill_disable 1', see: async (runtime) => String(await limit({ memory: { limit: 33554432, disableOOMKiller: true } }, 'memory/memory.oom_control', '')(runtime)).split('\n')[0] },
    { section: 'config-linux.md#memory', name: 'buffers of TCP', expected: '4194304', see: limit({ memory: { limit: 33554432, kernelTCP: 4194304 } }, 'memory/memory.kmem.tcp.limit_in_bytes', '') },
  ] : []),
  { section: 'config-linux.md#cpu', name: 'a quota', expected: on('20000', '20000 50000'), see: limit({ cpu: { quota: 20000, period: 50000 } }, 'cpu/cpu.cfs_quota_us', 'cpu.max') },
  { section: 'config-linux.md#cpu', name: 'shares', expected: on('512', '20'), see: limit({ cpu: { shares: 512 } }, 'cpu/cpu.shares', 'cpu.weight') },
  { section: 'config-linux.md#cpu', name: 'processors', expected: '0', see: limit({ cpu: { cpus: '0', mems: '0' } }, 'cpuset/cpuset.cpus', 'cpuset.cpus') },
  { section: 'config-linux.md#pids', name: 'processes', expected: '17', see: limit({ pids: { limit: 17 } }, 'pids/pids.max', 'pids.max') },
  { section: 'config-linux.md#block-io', name: 'a weight', see: limit({ blockIO: { weight: 500 } }, 'blkio/blkio.bfq.weight', 'io.bfq.weight') },
  { section: 'config-linux.md#unified', name: 'files of cgroup v2 by name', see: limit({ unified: { 'pids.max': '18' } }, 'pids/pids.max', 'pids.max') },
  { section: 'config-linux.md#cgroups-path', name: 'an absolute path', expected: true, see: (runtime) => runtime.created(configuration({ process: { args: ['sleep', '100'] }, linux: { cgroupsPath: '/specification-path/below' } }), async ({ id }) => {
    const { pid } = JSON.parse((await runtime.cli(['state', id])).stdout)
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n').filter(Boolean).filter((line) => !/^0::|name=/.test(line) || !v1).every((line) => line.endsWith(':/specification-path/below'))
  }) },
  { section: 'config-linux.md#sysctl', name: 'sysctl', expected: ok('1\n777\n'), see: inside('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni', { linux: { sysctl: { 'net.ipv4.ip_forward': '1', 'kernel.shmmni': '777' } } }) },
  { section: 'config-linux.md#sysctl', name: 'one of the whole machine', expected: true, see: refused({ linux: { sysctl: { 'kernel.panic': '10' } } }) },
  { section: 'config-linux.md#sysctl', name: 'one of a namespace that is the runtime\'s', expected: true, see: refused({ linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], sysctl: { 'net.ipv4.ip_forward': '1' } } }) },
  { section: 'config-linux.md#seccomp', name: 'seccomp: an error of choice', see: inside('mkdir /tmp/x 2>&1; mkdir -p /tmp/y 2>/dev/null; echo $?', { mounts: mounts({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }), linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }] } } }) },
  { section: 'config-linux.md#seccomp', name: 'seccomp: by argument', expected: ok('SIGURG refused\nSIGCHLD sent\n'), see: inside('kill -URG $$ 2>/dev/null || echo SIGURG refused; kill -CHLD $$ && echo SIGCHLD sent', { linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['kill'], action: 'SCMP_ACT_ERRNO', args: [{ index: 1, value: 23, op: 'SCMP_CMP_EQ' }] }] } } }) },
  { section: 'config-linux.md#seccomp', name: 'seccomp: what kills', expected: { status: 159, stdout: '' }, see: async (runtime) => seen(await runtime.run(configuration({ process: { args: ['mkdir', '/proc/x'] }, linux: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_KILL_PROCESS' }] } } }))) },
  { section: 'config-linux.md#seccomp', name: 'seccomp: an action that there is not', expected: true, see: refused({ linux: { seccomp: { defaultAction: 'SCMP_ACT_NOSUCH' } } }) },
  { section: 'config-linux.md#masked-paths', name: 'masked paths', expected: ok('0\n0\n'), see: inside('cat /etc/passwd | wc -c; ls /bin/../home | wc -l', { linux: { maskedPaths: ['/etc/passwd', '/home', '/nonexistent'] } }) },
  { section: 'config-linux.md#masked-paths', name: 'masked paths below masked paths', expected: ok('0\n0\nran\n'), see: inside('cat /etc/group 2>/dev/null | wc -c; ls /home | wc -l; echo ran', { linux: { maskedPaths: ['/home', '/home/user', '/etc', '/etc/group'] } }) },
  { section: 'config-linux.md#readonly-paths', name: 'read-only paths', expected: ok('refused\nwritten\n'), see: inside('touch /tmp/a/x 2>/dev/null || echo refused; touch /tmp/b && echo written', { mounts: mounts({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }, { destination: '/tmp/a', type: 'tmpfs', source: 'tmpfs' }), linux: { readonlyPaths: ['/tmp/a', '/nonexistent'] } }) },
  { section: 'config-linux.md#personality', name: 'a personality', expected: ok('00000008\ni686\n'), see: inside('cat /proc/self/personality; uname -m', { linux: { personality: { domain: 'LINUX32' } } }) },
  { section: 'config.md#extensibility', name: 'properties that nobody knows', expected: ok('ran\n'), see: inside('echo ran', { 'com.example.extra': { a: 1 }, linux: { unknownProperty: true } }) },
  { section: 'config.md#annotations', name: 'annotations', expected: ok('ran\n'), see: inside('echo ran', { annotations: { 'org.example.key': 'value' } }) },
  { section: 'config.md#annotations', name: 'an annotation that is no string', expected: true, see: refused({ annotations: { key: 1 } }) },
]
