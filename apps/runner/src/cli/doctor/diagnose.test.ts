import { expect, test } from 'vitest'
import { diagnose, usable } from './diagnose.ts'
import type { DoctorFacts } from './facts.ts'

/** A machine that can do everything, and root. */
const good: DoctorFacts = {
  node: '24.1.0', arch: 'x64', kernel: '6.12.3-amd64', uid: 0, user: 'root', privileged: true, inUserNamespace: false, namespaces: ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'],
  sysctls: { 'user/max_user_namespaces': '1000', 'kernel/seccomp/actions_avail': 'kill_process errno user_notif allow', 'vm/memfd_noexec': '0' },
  cgroups: { mode: 'v2', v1: [], v2: ['cpu', 'cpuset', 'io', 'memory', 'pids'] }, subordinate: { uids: 65536, gids: 65536 }, programs: ['newuidmap', 'newgidmap', 'criu'], systemd: true,
  filesystems: ['proc', 'overlay', 'resctrl'], loadable: [], appArmor: true, seLinux: false, resctrl: '/sys/fs/resctrl', overProc: [],
  stores: { ctrun: { path: '/run/ctrun', writable: true }, 'ctrun-oci': { path: '/run/ctrun-oci', writable: true } },
}
const user: Partial<DoctorFacts> = { uid: 1000, user: 'ada', privileged: false, cgroups: { ...good.cgroups, lent: { path: '/user.slice', controllers: ['cpu', 'cpuset', 'io', 'memory', 'pids'] } } }

const of = (change: Partial<DoctorFacts>) => diagnose({ ...good, ...change })
const line = (name: string, change: Partial<DoctorFacts>) => {
  const found = of(change).find((each) => each.name === name)!
  return `${found.verdict}: ${found.why}${found.fix === undefined ? '' : ` → ${found.fix}`}`
}

test('where everything is there, only what nobody has is missing', () => {
  expect(of({}).filter(({ verdict }) => verdict !== 'yes').map(({ name }) => name)).toEqual([])
  expect(of({}).every(({ why, fix }) => why !== '' && fix === undefined)).toBe(true)
  // Of who is not root, nothing but that.
  expect(of(user).filter(({ verdict }) => verdict !== 'yes').map(({ name }) => name)).toEqual(['privilege', 'checkpoint'])
})

test.each([
  ['node', { node: '20.18.0' }, 'no: 20.18.0 x64; 20.19 is needed → install a newer Node'],
  ['node', { arch: 'riscv64' }, 'no: 24.1.0 on riscv64: programs are assembled for x64 and arm64'],
  ['kernel', { kernel: '5.10.0-8' }, 'no: 5.10.0-8; 5.14 is needed → install a newer kernel'],
  ['kernel', { kernel: '6.1.0' }, 'partly: 6.1.0; since 6.3 a tmpfs can have mapped IDs'],
  ['namespaces', { namespaces: ['mnt', 'pid'] }, 'no: this kernel has none of cgroup, ipc, net, user, uts → a kernel with CONFIG_NAMESPACES and all below it'],
  ['cgroup', { cgroups: { mode: 'none', v1: [], v2: [] } }, 'no: no hierarchy is mounted → mount -t cgroup2 none /sys/fs/cgroup'],
  ['state of ctrun', { stores: { ...good.stores, ctrun: { path: '/run/ctrun', writable: false } } }, 'no: /run/ctrun cannot be written to: nothing can be written down of a container → a tmpfs on /run'],
] as const)('%s that is too old, or not there: %j', (name, change, said) => {
  expect(line(name, change)).toBe(said)
  expect(usable(of(change))).toBe(!said.startsWith('no'))
})

test.each([
  ['limits', { cgroups: { mode: 'hybrid', v1: ['blkio', 'cpu', 'cpuset', 'memory'], v2: [] } }, 'partly: none of pids → a kernel that has them, or cgroup_enable=pids on its command line'],
  ['limits', { ...user, cgroups: good.cgroups }, 'no: no group was lent to this user: ctrun-oci makes none, and limits are an error → cgroup version 2, and systemctl edit user@.service with [Service] Delegate=cpu cpuset io memory pids'],
  ['limits', { ...user, cgroups: { ...good.cgroups, lent: { path: '/a', controllers: ['memory', 'pids'] } } }, 'partly: none of cpu, cpuset, io below /a → systemctl edit user@.service with [Service] Delegate=cpu cpuset io memory pids'],
  ['cgroup', { cgroups: { mode: 'hybrid', v1: ['memory'], v2: [] } }, 'partly: version 1, with an empty version 2 beside it: no limits without root → systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all on the kernel command line'],
  ['checkpoint', { programs: [] }, 'no: ctrun-oci checkpoint and restore are an error → apt install criu'],
  ['systemd', { systemd: false }, 'no: ctrun-oci --systemd-cgroup is an error → boot with systemd'],
  ['user namespaces', { sysctls: { 'user/max_user_namespaces': '0' } }, 'no: user.max_user_namespaces is 0: none for everybody → sysctl user.max_user_namespaces=10000'],
  ['user namespaces', { sysctls: { 'kernel/apparmor_restrict_unprivileged_userns': '1' } }, 'partly: kernel.apparmor_restrict_unprivileged_userns is 1: none for who is not root → sysctl kernel.apparmor_restrict_unprivileged_userns=0'],
  ['user namespaces', { ...user, sysctls: { 'kernel/unprivileged_userns_clone': '0' } }, 'no: kernel.unprivileged_userns_clone is 0: none for who is not root → sysctl kernel.unprivileged_userns_clone=1'],
  ['ID ranges', { ...user, subordinate: { uids: 0, gids: 65536 } }, 'partly: one ID: /etc/subuid has none for this user, so images with files of several users do not work → usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ada'],
  ['ID ranges', { ...user, programs: ['newuidmap'] }, 'partly: one ID: 65536 were given to this user, and newgidmap would have to map them → install uidmap (Debian), or shadow-utils'],
  ['privilege', { inUserNamespace: true }, 'partly: root (0) of a user namespace: devices are those of the host, and limits need a group that was lent'],
  ['memfd', { sysctls: { 'vm/memfd_noexec': '2' } }, 'partly: vm.memfd_noexec is 2: the file of @ctr/launch is executed in the place of memory → sysctl vm.memfd_noexec=1'],
  ['seccomp', { sysctls: {} }, 'no: this kernel filters no system calls: containers need --security-opt seccomp=unconfined → a kernel with CONFIG_SECCOMP_FILTER'],
  ['labels', { appArmor: false }, 'no: this kernel uses neither AppArmor nor SELinux: a configuration that names a profile or a label is an error → boot with security=apparmor or security=selinux, where the kernel has it'],
  ['overlay', { filesystems: [], loadable: ['overlay'] }, 'no: ctrun run host needs it, for its copy-on-write root → modprobe overlay'],
  ['proc', { ...user, overProc: ['/proc/kcore'] }, 'no: something is mounted over /proc/kcore: no user namespace can mount proc here, as within a container of Docker → run it outside of that container, or give that --security-opt systempaths=unconfined'],
  ['resctrl', { resctrl: undefined }, 'no: linux.intelRdt is an error → mount -t resctrl resctrl /sys/fs/resctrl'],
] as const)('%s that is not for everybody: %j', (name, change, said) => {
  expect(line(name, change)).toBe(said)
  expect(usable(of(change))).toBe(true)
})
