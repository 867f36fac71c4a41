import type { Constant, Family } from './families.ts'
import type { Param } from './params/param.ts'
import { path, payload, sizedText, strings, text, textOrNull } from './params/string.ts'
import { address, createMode, fd, fixed, hexadecimal, id, int, mode, out, outExactly, outStruct, size, uint } from './params/number.ts'
import { flags, one, oneOrZero, openFlags } from './params/flags.ts'
import { field, struct } from './params/struct.ts'
import { sigaction, sigset } from './params/signal.ts'
import { cpus, groups, iovecs, pollfds } from './params/list.ts'
import { memoryMode, nodes } from './params/memory-policy.ts'
import { deviceNode, ifreqFlags, intByReference, ioprio, opaque, protocol, rlimit, timespec } from './params/value.ts'
import { capability, capabilityData, capabilityHeader } from './params/capability.ts'
import { sockFprog } from './params/bpf.ts'
import { rightsMessage, unixAddress } from './params/socket.ts'
import { seccompNotifAddfd, seccompNotifResp, wideByReference } from './params/notification.ts'
import { programLoad, programQuery } from './params/ebpf.ts'

/** What a call changes: one thread of Node, the process with all its threads, or something outside of it. */
export type Scope = 'thread' | 'process' | 'system'
/** What a call returns: a descriptor that `as` can name, a number, or nothing but success. */
export type Returns = 'fd' | 'number' | 'nothing'

export interface Signature {
  /** Made when they are asked for: a process makes a third of these calls, if as many. */
  readonly params: () => readonly Param<never>[]
  /** Where the meaning of later arguments depends on one of them (prctl, fcntl, ioctl, fsconfig). */
  readonly choice?: { readonly selector: Param<never>; readonly variants: () => Readonly<Record<string, readonly Param<never>[]>> }
  readonly returns: Returns
  readonly scope: Scope
}

function call<const P extends readonly Param<never>[]>(scope: Scope, returns: Returns, params: () => P) {
  return { scope, returns, params }
}

function choice<const H extends readonly Param<never>[], F extends Family, const V extends { readonly [K in Constant<F>]?: readonly Param<never>[] }>(
  scope: Scope, returns: Returns, params: () => H, selector: Param<Constant<F>>, variants: () => V) {
  return { scope, returns, params, choice: { selector, variants } }
}

const dirfd = fd('dirfd')
const zero = fixed(0)
const sigsetsize = fixed(8)
const null_ = { ...zero, print: () => 'NULL' }

/** linux/openat2.h */
const openHow = () => struct('how', 24, { flags: field(0, 8, openFlags('flags'), []), mode: field(8, 8, mode('mode')), resolve: field(16, 8, flags('resolve', 'resolve'), []) }, { sized: true })
/** linux/mount.h, version 0 of struct mount_attr */
const mountAttr = () => struct('attr', 32, {
  attr_set: field(0, 8, flags('attr_set', 'mount_attr'), []), attr_clr: field(8, 8, flags('attr_clr', 'mount_attr'), []),
  propagation: field(16, 8, flags('propagation', 'propagation', '0 /* MS_??? */'), []), userns_fd: field(24, 8, fd('userns_fd'), 0) }, { sized: true })
/** linux/sched.h, version 2 of struct clone_args (with cgroup) */
const cloneArgs = () => struct('cl_args', 88, {
  flags: field(0, 8, flags('flags', 'clone'), []), pidfd: field(8, 8, outStruct('pidfd', 4)), child_tid: field(16, 8, address('child_tid')), parent_tid: field(24, 8, address('parent_tid')),
  exit_signal: field(32, 8, oneOrZero('exit_signal', 'signal'), 0), stack: field(40, 8, address('stack'), 0), stack_size: field(48, 8, hexadecimal('stack_size'), 0),
  cgroup: field(80, 8, fd('cgroup')) }, { sized: true })
/** linux/sched/types.h, version 1 of struct sched_attr (with utilization clamps, Linux 5.3); times are in nanoseconds */
const everySchedAttr = () => struct('attr', 56, {
  size: field(0, 4, uint('size'), 56), sched_policy: field(4, 4, one('sched_policy', 'sched'), 'SCHED_OTHER'), sched_flags: field(8, 8, flags('sched_flags', 'sched_flag'), []),
  sched_nice: field(16, 4, int('sched_nice'), 0), sched_priority: field(20, 4, uint('sched_priority'), 0), sched_runtime: field(24, 8, size('sched_runtime'), 0),
  sched_deadline: field(32, 8, size('sched_deadline'), 0), sched_period: field(40, 8, size('sched_period'), 0), sched_util_min: field(48, 4, uint('sched_util_min'), 0), sched_util_max: field(52, 4, uint('sched_util_max'), 0) })
/** strace leaves out what is to stay as it is: the policy, and with the parameters the policy too. */
const schedAttr = (every = everySchedAttr()): typeof every => ({
  ...every,
  print: (value, view, args) => {
    const keeps = (flag: Constant<'sched_flag'>) => value.sched_flags?.includes(flag) ?? false
    const parts = [...(keeps('SCHED_FLAG_KEEP_POLICY') || keeps('SCHED_FLAG_KEEP_PARAMS') ? [/ sched_policy=\w+,/] : []), ...(keeps('SCHED_FLAG_KEEP_PARAMS') ? [/ sched_nice=.*sched_period=\d+,/] : [])]
    return parts.reduce((text, part) => text.replace(part, ''), every.print(value, view, args) ?? '')
  },
})
const winsize = () => struct('winsize', 8, { ws_row: field(0, 2, uint('ws_row'), 0), ws_col: field(2, 2, uint('ws_col'), 0), ws_xpixel: field(4, 2, uint('ws_xpixel'), 0), ws_ypixel: field(6, 2, uint('ws_ypixel'), 0) })

/**
 * Every system call we can make, one row a call: its parameters in kernel order under the man page's names, what it returns and what
 * it changes. explain, check, assemble and perform all read this table and nothing else.
 */
export const abi = {
  /** @see openat(2) */
  openat: call('process', 'fd', () => [dirfd, path('pathname'), openFlags('flags'), createMode('mode')]),
  /** @see openat2(2) @since Linux 5.6 */
  openat2: call('process', 'fd', () => [dirfd, path('pathname'), openHow()]),
  /** @see close(2) */
  close: call('process', 'nothing', () => [fd('fd')]),
  /** @see close_range(2) @since Linux 5.9 */
  close_range: call('process', 'nothing', () => [uint('first'), uint('last'), flags('flags', 'close_range')]),
  /** @see read(2) */
  read: call('system', 'number', () => [fd('fd'), out('buf')]),
  /** @see write(2) */
  write: call('system', 'number', () => [fd('fd'), payload('buf')]),
  /** @see writev(2) */
  writev: call('system', 'number', () => [fd('fd'), iovecs('iov')]),
  /** @see dup(2) */
  dup3: call('process', 'fd', () => [fd('oldfd'), fd('newfd'), flags('flags', 'open')]),
  /** @see fcntl(2) */
  fcntl: choice('process', 'number', () => [fd('fd')], one('cmd', 'fcntl'), () => ({
    F_DUPFD: [int('arg')], F_DUPFD_CLOEXEC: [int('arg')], F_GETFD: [], F_SETFD: [flags('arg', 'fd')], F_GETFL: [], F_SETFL: [openFlags('arg')],
    F_ADD_SEALS: [flags('arg', 'seal')], F_GET_SEALS: [] })),
  /** @see flock(2) */
  flock: call('system', 'nothing', () => [fd('fd'), flags('operation', 'flock')]),
  /** @see ioctl(2) @see ioctl_tty(2) @see netdevice(7) @see ioctl_ns(2) @see seccomp_unotify(2) */
  ioctl: choice('system', 'fd', () => [fd('fd')], one('request', 'ioctl'), () => ({
    SIOCSIFFLAGS: [ifreqFlags('ifr')], TIOCSCTTY: [int('arg')], TIOCNOTTY: [], TIOCSPTLCK: [intByReference('argp')],
    // strace has no decoder for this one's flags and shows the number
    TIOCGPTPEER: [{ ...openFlags('flags'), print: (value: readonly Constant<'open'>[]) => '0x' + openFlags('flags').encode(value, { machine: 'x64', place: () => 0n })[0]!.toString(16) }],
    TIOCSWINSZ: [winsize()], TIOCGWINSZ: [outExactly('winsize', 8)], TCGETS: [outExactly('termios', 36)], TCSETS: [opaque('termios', 36)], NS_GET_USERNS: [], NS_GET_PARENT: [], NS_GET_NSTYPE: [], NS_GET_OWNER_UID: [outExactly('uid', 4)],
    SECCOMP_IOCTL_NOTIF_RECV: [outExactly('argp', 80)], SECCOMP_IOCTL_NOTIF_SEND: [seccompNotifResp], SECCOMP_IOCTL_NOTIF_ID_VALID: [wideByReference('argp')], SECCOMP_IOCTL_NOTIF_ADDFD: [seccompNotifAddfd] })),
  /** @see mkdir(2) */
  mkdirat: call('system', 'nothing', () => [dirfd, path('pathname'), mode('mode')]),
  /** @see mknod(2) */
  mknodat: call('system', 'nothing', () => [dirfd, path('pathname'), deviceNode('node')]),
  /** @see symlink(2) */
  symlinkat: call('system', 'nothing', () => [text('target'), fd('newdirfd'), path('linkpath')]),
  /** @see link(2) */
  linkat: call('system', 'nothing', () => [fd('olddirfd'), path('oldpath'), fd('newdirfd'), path('newpath'), flags('flags', 'at')]),
  /** @see unlink(2) */
  unlinkat: call('system', 'nothing', () => [dirfd, path('pathname'), flags('flags', 'at')]),
  /** @see rename(2) */
  renameat2: call('system', 'nothing', () => [fd('olddirfd'), path('oldpath'), fd('newdirfd'), path('newpath'), flags('flags', 'rename')]),
  /** @see chmod(2) */
  fchmodat: call('system', 'nothing', () => [dirfd, path('pathname'), mode('mode')]),
  /** @see chmod(2) */
  fchmod: call('system', 'nothing', () => [fd('fd'), mode('mode')]),
  /** @see chown(2) */
  fchownat: call('system', 'nothing', () => [dirfd, path('pathname'), id('owner'), id('group'), flags('flags', 'at')]),
  /** @see chown(2) */
  fchown: call('system', 'nothing', () => [fd('fd'), id('owner'), id('group')]),
  /** @see truncate(2) */
  ftruncate: call('system', 'nothing', () => [fd('fd'), size('length')]),
  /** @see access(2) @since Linux 5.8 */
  faccessat2: call('thread', 'nothing', () => [dirfd, path('pathname'), flags('mode', 'access', 'F_OK'), flags('flags', 'at')]),
  /** @see setxattr(2) */
  fsetxattr: call('system', 'nothing', () => [fd('fd'), text('name'), payload('value'), flags('flags', 'xattr')]),
  /** @see getxattr(2) */
  fgetxattr: call('system', 'number', () => [fd('fd'), text('name'), out('value')]),
  /** @see removexattr(2) */
  fremovexattr: call('system', 'nothing', () => [fd('fd'), text('name')]),
  /** @see chdir(2) */
  chdir: call('process', 'nothing', () => [path('path')]),
  /** @see chdir(2) */
  fchdir: call('process', 'nothing', () => [fd('fd')]),
  /** @see chroot(2) */
  chroot: call('process', 'nothing', () => [path('path')]),
  /** @see umask(2) */
  umask: call('process', 'number', () => [mode('mask')]),
  /** @see getcwd(2) */
  getcwd: call('thread', 'number', () => [out('buf')]),

  /** @see mount(2) */
  mount: call('system', 'nothing', () => [textOrNull('source'), path('target'), textOrNull('filesystemtype'), flags('mountflags', 'mount'), textOrNull('data')]),
  /** @see umount(2) */
  umount2: call('system', 'nothing', () => [path('target'), flags('flags', 'umount')]),
  /** @see pivot_root(2) */
  pivot_root: call('system', 'nothing', () => [path('new_root'), path('put_old')]),
  /** @see Documentation/filesystems/mount_api.rst @since Linux 5.2 */
  fsopen: call('process', 'fd', () => [text('fsname'), flags('flags', 'fsopen')]),
  /** @see Documentation/filesystems/mount_api.rst @since Linux 5.2 */
  fspick: call('process', 'fd', () => [dirfd, path('pathname'), flags('flags', 'fspick')]),
  /** @see Documentation/filesystems/mount_api.rst @since Linux 5.2 */
  fsconfig: choice('system', 'nothing', () => [fd('fd')], one('cmd', 'fsconfig'), () => ({
    FSCONFIG_SET_FLAG: [text('key'), null_, zero], FSCONFIG_SET_STRING: [text('key'), text('value'), zero], FSCONFIG_SET_PATH: [text('key'), path('value'), fd('aux')],
    FSCONFIG_SET_PATH_EMPTY: [text('key'), path('value'), fd('aux')], FSCONFIG_SET_FD: [text('key'), null_, fd('aux')],
    FSCONFIG_CMD_CREATE: [null_, null_, zero], FSCONFIG_CMD_RECONFIGURE: [null_, null_, zero] })),
  /** @see Documentation/filesystems/mount_api.rst @since Linux 5.2 */
  fsmount: call('process', 'fd', () => [fd('fsfd'), flags('flags', 'fsmount'), flags('attr_flags', 'mount_attr')]),
  /** @see Documentation/filesystems/mount_api.rst @since Linux 5.2 */
  open_tree: call('process', 'fd', () => [dirfd, path('pathname'), flags('flags', 'open_tree')]),
  /** @see Documentation/filesystems/mount_api.rst @since Linux 5.2 */
  move_mount: call('system', 'nothing', () => [fd('from_dirfd'), path('from_pathname'), fd('to_dirfd'), path('to_pathname'), flags('flags', 'move_mount')]),
  /** @see mount_setattr(2) @since Linux 5.12 */
  mount_setattr: call('system', 'nothing', () => [dirfd, path('pathname'), flags('flags', 'at'), mountAttr()]),

  /** @see unshare(2) */
  unshare: call('thread', 'nothing', () => [flags('flags', 'unshare')]),
  /** @see setns(2) */
  setns: call('thread', 'nothing', () => [fd('fd'), flags('nstype', 'setns')]),
  /** @see clone(2) @since Linux 5.3 */
  clone3: call('process', 'number', () => [cloneArgs()]),
  /** @see pidfd_open(2) @since Linux 5.3 */
  pidfd_open: call('process', 'fd', () => [int('pid'), zero]),
  /** @see pidfd_getfd(2) @since Linux 5.6 */
  pidfd_getfd: call('process', 'fd', () => [fd('pidfd'), int('targetfd'), zero]),
  /** @see pidfd_send_signal(2) @since Linux 5.1 */
  pidfd_send_signal: call('system', 'nothing', () => [fd('pidfd'), one('sig', 'signal'), null_, zero]),
  /** @see sethostname(2) */
  sethostname: call('system', 'nothing', () => [sizedText('name')]),
  /** @see getdomainname(2) */
  setdomainname: call('system', 'nothing', () => [sizedText('name')]),

  /** @see execve(2) */
  execve: call('process', 'nothing', () => [path('pathname'), strings('argv'), strings('envp')]),
  /** @see execveat(2) */
  execveat: call('process', 'nothing', () => [dirfd, path('pathname'), strings('argv'), strings('envp'), flags('flags', 'at')]),
  /** @see exit_group(2) */
  exit_group: call('process', 'nothing', () => [int('status')]),
  /** @see kill(2) */
  kill: call('system', 'nothing', () => [int('pid'), oneOrZero('sig', 'signal')]),
  /** @see tgkill(2) */
  tgkill: call('system', 'nothing', () => [int('tgid'), int('tid'), oneOrZero('sig', 'signal')]),
  /** @see waitid(2) */
  waitid: call('process', 'nothing', () => [one('idtype', 'idtype'), fd('id'), outStruct('infop', 128), flags('options', 'wait'), null_]),
  /** @see getpid(2) */
  getpid: call('thread', 'number', () => []),
  /** @see getpid(2) */
  getppid: call('thread', 'number', () => []),
  /** @see gettid(2) */
  gettid: call('thread', 'number', () => []),
  /** @see setsid(2) */
  setsid: call('process', 'number', () => []),
  /** @see setpgid(2) */
  setpgid: call('process', 'nothing', () => [int('pid'), int('pgid')]),

  /** @see getuid(2) */
  getuid: call('thread', 'number', () => []),
  /** @see getuid(2) */
  geteuid: call('thread', 'number', () => []),
  /** @see setresuid(2) */
  setresuid: call('thread', 'nothing', () => [id('ruid'), id('euid'), id('suid')]),
  /** @see setresuid(2) */
  setresgid: call('thread', 'nothing', () => [id('rgid'), id('egid'), id('sgid')]),
  /** @see getgroups(2) */
  setgroups: call('thread', 'nothing', () => [groups('list')]),
  /** @see capset(2) */
  capset: call('thread', 'nothing', () => [capabilityHeader('hdrp'), capabilityData('datap')]),
  /** @see prctl(2) */
  prctl: choice('thread', 'number', () => [], one('option', 'prctl'), () => ({
    PR_SET_NAME: [text('name')], PR_SET_DUMPABLE: [one('arg2', 'dumpable')], PR_SET_NO_NEW_PRIVS: [fixed(1), zero, zero, zero], PR_SET_KEEPCAPS: [int('arg2')],
    PR_CAPBSET_READ: [capability('arg2')], PR_CAPBSET_DROP: [capability('arg2')], PR_GET_SECUREBITS: [], PR_SET_SECUREBITS: [flags('arg2', 'securebits')],
    PR_SET_TIMERSLACK: [uint('arg2')], PR_SET_PDEATHSIG: [oneOrZero('arg2', 'signal')], PR_SET_CHILD_SUBREAPER: [int('arg2')],
    PR_CAP_AMBIENT: [one('arg2', 'ambient'), capabilityOrZero(), zero, zero] })),
  /** @see seccomp(2) */
  seccomp: choice('thread', 'fd', () => [], one('operation', 'seccomp'), () => ({ SECCOMP_SET_MODE_FILTER: [flags('flags', 'seccomp_filter'), sockFprog('args')] })),
  /** @see bpf(2) */
  bpf: choice('system', 'fd', () => [], one('cmd', 'bpf'), () => ({
    BPF_PROG_LOAD: [programLoad('attr')],
    BPF_PROG_ATTACH: [struct('attr', 20, { target_fd: field(0, 4, fd('target_fd')), attach_bpf_fd: field(4, 4, fd('attach_bpf_fd')), attach_type: field(8, 4, one('attach_type', 'bpf_attach_type')),
      attach_flags: field(12, 4, flags('attach_flags', 'bpf_attach'), []), replace_bpf_fd: field(16, 4, fd('replace_bpf_fd'), 0) }, { sized: true })],
    BPF_PROG_GET_FD_BY_ID: [struct('attr', 12, { prog_id: field(0, 4, uint('prog_id')), next_id: field(4, 4, uint('next_id'), 0), open_flags: field(8, 4, uint('open_flags'), 0) }, { sized: true })],
    BPF_PROG_QUERY: [programQuery('attr')] })),
  /** @see prlimit(2) */
  prlimit64: call('process', 'nothing', () => [int('pid'), one('resource', 'rlimit'), rlimit('new_limit'), null_]),
  /** @see getpriority(2) */
  setpriority: call('process', 'nothing', () => [one('which', 'priority'), int('who'), int('prio')]),
  /** @see sched_setscheduler(2) */
  sched_setscheduler: call('thread', 'nothing', () => [int('pid'), one('policy', 'sched'), intByReference('param')]),
  /** @see sched_setattr(2) */
  sched_setattr: call('thread', 'nothing', () => [int('pid'), schedAttr(), zero]),
  /** @see sched_setaffinity(2) */
  sched_setaffinity: call('thread', 'nothing', () => [int('pid'), cpus('mask')]),
  /** @see set_mempolicy(2) */
  set_mempolicy: call('thread', 'nothing', () => [memoryMode('mode'), nodes('nodemask')]),
  /** @see ioprio_set(2); the kernel takes 0 as "none set" */
  ioprio_set: call('thread', 'nothing', () => [one('which', 'ioprio'), int('who'), ioprio('ioprio')]),
  /** @see personality(2) */
  personality: call('thread', 'number', () => [one('persona', 'personality')]),
  /** @see keyctl(2) */
  keyctl: choice('process', 'number', () => [], one('operation', 'keyctl'), () => ({ KEYCTL_JOIN_SESSION_KEYRING: [textOrNull('name')], KEYCTL_SETPERM: [one('key', 'key_spec'), flags('perm', 'key_perm')] })),
  /** @see sigprocmask(2) */
  rt_sigprocmask: call('thread', 'nothing', () => [one('how', 'sigprocmask'), sigset('set'), null_, sigsetsize]),
  /** @see sigaction(2) */
  rt_sigaction: call('process', 'nothing', () => [one('signum', 'signal'), sigaction('act'), null_, sigsetsize]),

  /** @see mmap(2) */
  mmap: call('process', 'number', () => [address('addr'), size('length'), flags('prot', 'prot', 'PROT_NONE'), flags('flags', 'map'), fd('fd'), hexadecimal('offset')]),
  /** @see munmap(2) */
  munmap: call('process', 'nothing', () => [address('addr'), size('length')]),
  /** @see memfd_create(2) */
  memfd_create: call('process', 'fd', () => [text('name'), flags('flags', 'memfd')]),
  /** @see eventfd(2) */
  eventfd2: call('process', 'fd', () => [uint('initval'), flags('flags', 'eventfd')]),
  /** @see poll(2) */
  ppoll: call('thread', 'number', () => [pollfds('fds'), timespec('tmo_p'), null_, sigsetsize]),
  /** @see clock_gettime(2) */
  clock_gettime: call('thread', 'nothing', () => [one('clockid', 'clock'), outStruct('tp', 16)]),
  /** @see clock_nanosleep(2) */
  clock_nanosleep: call('thread', 'nothing', () => [one('clockid', 'clock'), zero, timespec('t'), null_]),
  /** @see socket(2) */
  socket: call('process', 'fd', () => [one('domain', 'address'), flags('type', 'socket'), protocol('protocol')]),
  /** @see connect(2) */
  connect: call('system', 'nothing', () => [fd('sockfd'), unixAddress('addr')]),
  /** @see sendmsg(2) */
  sendmsg: call('system', 'number', () => [fd('sockfd'), rightsMessage('msg'), flags('flags', 'message')]),
  /** @see shutdown(2) */
  shutdown: call('system', 'nothing', () => [fd('sockfd'), one('how', 'shutdown')]),
} as const

function capabilityOrZero(): Param<Constant<'capability'> | 0> {
  return oneOrZero('arg3', 'capability')
}

export type SyscallName = keyof typeof abi

const signatures = new Map(Object.entries(abi as unknown as Readonly<Record<SyscallName, Signature>>))

/** The signature of a call by name. */
export function signature(name: string): Signature {
  const known = signatures.get(name)
  if (!known) throw new TypeError(`There is no system call ${JSON.stringify(name)} in the table`)
  return known
}
