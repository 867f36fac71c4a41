import { expect, test } from 'vitest'
import { explain, sys } from './index.ts'

const line = (call: ReturnType<typeof sys.getpid>) => explain([call], { why: false, names: false })[0]

// Each expectation is what strace 6.1 printed for the call.
test.each([
  [sys.openat(-1, 'x', ['O_CLOEXEC', 'O_PATH'], 0, 'x'), 'openat(-1, "x", O_RDONLY|O_CLOEXEC|O_PATH)'],
  [sys.openat(-1, 'x', ['O_WRONLY', 'O_CREAT'], 0o755, 'x'), 'openat(-1, "x", O_WRONLY|O_CREAT, 0755)'],
  [sys.openat2(-1, 'x', { flags: ['O_PATH'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }, 'x'), 'openat2(-1, "x", {flags=O_RDONLY|O_PATH, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)'],
  [sys.mknodat(-1, 'x', { type: 'S_IFCHR', mode: 0o666, major: 1, minor: 3 }, 'x'), 'mknodat(-1, "x", S_IFCHR|0666, makedev(0x1, 0x3))'],
  [sys.mkdirat(-1, 'x', 0, 'x'), 'mkdirat(-1, "x", 000)'],
  [sys.prlimit64(0, 'RLIMIT_NOFILE', { rlim_cur: 1024, rlim_max: 4194304 }, 'x'), 'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=4096*1024}, NULL)'],
  [sys.clone3({ flags: ['CLONE_INTO_CGROUP', 'CLONE_PARENT'], cgroup: 3 }, 'x'), 'clone3({flags=CLONE_PARENT|CLONE_INTO_CGROUP, exit_signal=0, stack=NULL, stack_size=0, cgroup=3}, 88)'],
  [sys.prctl('PR_CAP_AMBIENT', 'PR_CAP_AMBIENT_CLEAR_ALL', 0, 'x'), 'prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)'],
  [sys.prctl('PR_SET_DUMPABLE', 'SUID_DUMP_DISABLE', 'x'), 'prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)'],
  [sys.capset({ effective: [], permitted: ['CAP_SETUID', 'CAP_CHOWN'], inheritable: [] }, 'x'), 'capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=0, permitted=1<<CAP_CHOWN|1<<CAP_SETUID, inheritable=0})'],
  [sys.setgroups([1, 70000], 'x'), 'setgroups(2, [1, 70000])'],
  [sys.sched_setaffinity(0, [2, 0], 'x'), 'sched_setaffinity(0, 8, [0 2])'],
  [sys.set_mempolicy(['MPOL_BIND', 'MPOL_F_RELATIVE_NODES', 'MPOL_F_STATIC_NODES'], [0, 65], 'x'), 'set_mempolicy(MPOL_BIND|MPOL_F_STATIC_NODES|MPOL_F_RELATIVE_NODES, [0x00000000000001, 0x00000000000002], 129)'],
  [sys.ioctl(-1, 'SIOCSIFFLAGS', { ifr_name: 'lo', ifr_flags: ['IFF_UP'] }, 'x'), 'ioctl(-1, SIOCSIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP})'],
  [sys.ioctl(-1, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY'], 'x'), 'ioctl(-1, TIOCGPTPEER, 0x102)'],
  [sys.rt_sigprocmask('SIG_BLOCK', ['SIGTTOU', 'SIGHUP'], 'x'), 'rt_sigprocmask(SIG_BLOCK, [HUP TTOU], NULL, 8)'],
  [sys.rt_sigprocmask('SIG_SETMASK', '~[]', 'x'), 'rt_sigprocmask(SIG_SETMASK, ~[], NULL, 8)'],
  [sys.ppoll([], { tv_sec: 0, tv_nsec: 10000000 }, 'x'), 'ppoll(NULL, 0, {tv_sec=0, tv_nsec=10000000}, NULL, 8)'],
  [sys.fsconfig(-1, 'FSCONFIG_CMD_CREATE', 'x'), 'fsconfig(-1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)'],
  [sys.fsconfig(-1, 'FSCONFIG_SET_STRING', 'source', 'tmpfs', 'x'), 'fsconfig(-1, FSCONFIG_SET_STRING, "source", "tmpfs", 0)'],
  [sys.write(-1, 'a\n\u0001\u00017\t"\\', 'x'), 'write(-1, "a\\n\\1\\0017\\t\\"\\\\", 8)'],
  [sys.execve('/nope', ['a', 'b c'], ['X=1'], 'x'), 'execve("/nope", ["a", "b c"], ["X=1"])'],
  [sys.seccomp('SECCOMP_SET_MODE_FILTER', [], [[0x20, 0, 0, 0], [0x15, 0, 1, 0xc000003e], [6, 0, 0, 0x7fff0000]], 'x'), 'seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=3, filter=[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0xc000003e, 0, 0x1), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)]})'],
  [sys.sethostname('name', 'x'), 'sethostname("name", 4)'],
  [sys.umask(0o22, 'x'), 'umask(022)'],
])('prints as strace does: %#', (call, text) => expect(line(call)).toBe(text))

test('numbers descriptors as the kernel will', () => {
  const program = [
    sys.openat('AT_FDCWD', '/a', ['O_CLOEXEC'], 0, { as: 'a', why: 'first' }),
    sys.openat('AT_FDCWD', '/b', ['O_CLOEXEC'], 0, { as: 'b', why: 'second' }),
    sys.close({ fd: 'a' }, 'free the lower one'),
    sys.openat({ fd: 'b' }, 'c', ['O_CLOEXEC'], 0, { as: 'c', why: 'third' }),
    sys.fchdir({ fd: 'c' }, 'go there'),
  ]
  expect(explain(program, { open: { control: 3 }, why: false })).toEqual([
    'openat(AT_FDCWD, "/a", O_RDONLY|O_CLOEXEC)', 'openat(AT_FDCWD, "/b", O_RDONLY|O_CLOEXEC)', 'close(4<a>)', 'openat(5<b>, "c", O_RDONLY|O_CLOEXEC)', 'fchdir(4<c>)'])
})

test('the reasons stand in one column, behind what fits', () => {
  expect(explain([sys.getpid('short'), sys.chdir('/a/longer/path', 'longer'), sys.chdir('/' + 'x'.repeat(60), 'too long')])).toEqual([
    'getpid()                                                short',
    'chdir("/a/longer/path")                                 longer',
    `chdir("/${'x'.repeat(60)}")  too long`])
  expect(explain([sys.getpid('a'), sys.umask(0, 'b')])).toEqual(['getpid()    a', 'umask(000)  b'])
  expect(explain([])).toEqual([])
})

test('a descriptor that is not open has a question mark for its number', () => {
  expect(explain([sys.fchdir({ fd: 'lost' }, 'x')], { why: false })).toEqual(['fchdir(?<lost>)'])
  expect(explain([sys.fchdir({ fd: 'lost' }, 'x')], { why: false, names: false })).toEqual(['fchdir(?<lost>)'])
  expect(explain([sys.fchdir({ fd: 'root' }, 'x')], { why: false, names: false, open: { root: 7 } })).toEqual(['fchdir(7)'])
})
