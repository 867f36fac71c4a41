// What the guest boots into: busybox, the modules that its root needs, and the script that makes that root out of the
// host's one, as the lower layer of an overlay on tmpfs. Nothing that the guest writes reaches the host.
import { readFileSync } from 'node:fs'
import { cpio, directory, file } from './cpio.mjs'

// In the order in which they depend on each other.
const modules = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci',
  'drivers/char/virtio_console',
  'fs/fuse/fuse',
  'fs/fuse/virtiofs',
  'fs/overlayfs/overlay',
]

const name = (module) => module.slice(module.lastIndexOf('/') + 1)

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`

/** What systemd mounts of version 1, those that are one together. */
const hierarchies = ['cpu,cpuacct', 'cpuset', 'memory', 'pids', 'blkio', 'devices', 'freezer', 'net_cls,net_prio', 'perf_event', 'hugetlb', 'rdma', 'misc']

/** As systemd mounts them with `systemd.unified_cgroup_hierarchy=1`, or 0, with `systemd.legacy_systemd_cgroup_controller=0` for hybrid, or 1. */
const groups = {
  v2: ['mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /root/sys/fs/cgroup'],
  hybrid: [...version1(), 'mkdir /root/sys/fs/cgroup/unified', 'mount -t cgroup2 -o nsdelegate cgroup2 /root/sys/fs/cgroup/unified'],
  v1: version1(),
}

function version1() {
  return [
    'mount -t tmpfs -o mode=755 tmpfs /root/sys/fs/cgroup',
    ...hierarchies.map((names) => `mkdir /root/sys/fs/cgroup/${names}; mount -t cgroup -o ${names} cgroup /root/sys/fs/cgroup/${names} 2>/dev/null || rmdir /root/sys/fs/cgroup/${names}`),
    'mkdir /root/sys/fs/cgroup/systemd', 'mount -t cgroup -o none,xattr,name=systemd cgroup /root/sys/fs/cgroup/systemd',
    ...hierarchies.flatMap((names) => (names.includes(',') ? names.split(',').map((name) => `ln -s ${names} /root/sys/fs/cgroup/${name}`) : [])),
  ]
}

const init = ({ version, modules: dir }, cgroup) => `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
${modules.map((module) => `insmod /modules/${name(module)}.ko`).join('\n')}
mount -t virtiofs -o ro host /lower || poweroff -f
mount -t tmpfs tmpfs /upper
mkdir /upper/upper /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/upper,workdir=/upper/work overlay /root || poweroff -f

# /proc, /sys and /dev of the host are shared as empty or stale directories: the guest has its own.
mount --move /proc /root/proc
mount --move /sys /root/sys
mount --move /dev /root/dev
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /root/dev/pts
mount -t tmpfs -o mode=1777 tmpfs /root/dev/shm
ln -sf /proc/self/fd /root/dev/fd
for n in 0 1 2; do ln -sf /proc/self/fd/$n /root/dev/$(echo stdin stdout stderr | cut -d' ' -f$((n + 1))); done
mount -t tmpfs -o mode=755 tmpfs /root/run
mkdir -p /root/run/lock /root/run/guest
${groups[cgroup].join('\n')}
mkdir -p /root/usr/lib/modules
rm -rf /root/usr/lib/modules/${version}
ln -s ${quote(dir)} /root/usr/lib/modules/${version}
cp /session /command /root/run/guest/
cp /bin/busybox /root/run/guest/
hostname guest
ip link set lo up
exec switch_root /root /run/guest/busybox sh /run/guest/session
`

// The command is where systemd would put it, two groups below the root, and with the controllers that systemd turns on.
const controllers = `echo "+cpuset +cpu +io +memory +pids" > $cg/cgroup.subtree_control
echo "+memory +pids" > $cg/user.slice/cgroup.subtree_control
echo "+memory +pids" > $cg/user.slice/user-0.slice/cgroup.subtree_control`

const session = (cgroup) => `
busybox=/run/guest/busybox
cg=/sys/fs/cgroup${cgroup === 'v2' ? '' : '/systemd'}
mkdir -p $cg/init.scope $cg/user.slice/user-0.slice/session-1.scope
echo $$ > $cg/init.scope/cgroup.procs
${cgroup === 'v2' ? controllers : ''}
port() { for p in /sys/class/virtio-ports/*; do [ "$(cat $p/name)" = $1 ] && echo /dev/$($busybox basename $p); done; }

# The host's end of this port closes when the program that started the guest ends, however it ends.
( cat < $(port life) > /dev/null; $busybox poweroff -f ) > /dev/null 2>&1 &

# A port can be opened by one process at a time; a pipe can be inherited and opened again as /dev/stdout.
$busybox mkfifo /run/guest/out /run/guest/err
cat < /run/guest/out > $(port out) & out=$!
cat < /run/guest/err > $(port err) & err=$!
( echo $($busybox sh -c 'echo $PPID') > $cg/user.slice/user-0.slice/session-1.scope/cgroup.procs; exec /bin/sh /run/guest/command ) \\
  < /dev/null > /run/guest/out 2> /run/guest/err
status=$?
# Something left behind may hold the pipes: their end is waited for, but not for long.
( $busybox sleep 2; kill $out $err ) 2> /dev/null &
wait $out $err
[ -f /run/guest/result ] && cat /run/guest/result > $(port result)
echo $status > $(port status)
$busybox poweroff -f
`

/**
 * @param {{ version: string, modules: string }} kernel
 * @param {{ argv: string[], cwd: string, env: Record<string, string>, cgroup?: keyof typeof groups }} command cgroup: what is mounted of groups
 */
export function initramfs(kernel, { argv, cwd, env, cgroup = 'v2' }) {
  const assignments = Object.entries(env).map(([key, value]) => `export ${key}=${quote(value)}\n`)
  return cpio([
    ...['bin', 'proc', 'sys', 'dev', 'lower', 'upper', 'root', 'modules'].map(directory),
    file('bin/busybox', readFileSync('/usr/bin/busybox')),
    ...modules.map((module) => file(`modules/${name(module)}.ko`, readFileSync(`${kernel.modules}/kernel/${module}.ko`))),
    file('init', init(kernel, cgroup)),
    file('session', session(cgroup)),
    file('command', `${assignments.join('')}cd ${quote(cwd)} || exit 1\nexec ${argv.map(quote).join(' ')}\n`),
  ])
}
