import { expect, test } from 'vitest'
import { encode, sys, type Hole, type Machine, type Syscall } from './index.ts'

const why = 'a reason'

/** What a call becomes: its words, and what was placed at 0x1000, 0x2000, … with the descriptors that are still to come. */
function encoded(call: Syscall, machine: Machine = 'x64') {
  const placed: { hex: string; holes: readonly Hole[] }[] = []
  const words = encode(call, { machine, place: (bytes, holes = []) => { placed.push({ hex: Buffer.from(bytes).toString('hex'), holes }); return BigInt(placed.length) * 0x1000n } })
  return { words, placed: placed.map(({ hex }) => hex), holes: placed.flatMap(({ holes }) => holes) }
}

/** Bytes of little-endian integers: `le([2, 24], [8, 80])` is 24 in two bytes and 80 in eight. */
function le(...parts: readonly (readonly [width: number, value: number | bigint])[]): string {
  return parts.map(([width, value]) => Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(i * 8)) & 0xffn).toString(16).padStart(2, '0')).join('')).join('')
}
const text = (s: string) => Buffer.from(s).toString('hex')
const zeros = (bytes: number) => '00'.repeat(bytes)

test('paths end in NUL; AT_FDCWD is -100', () => {
  expect(encoded(sys.openat('AT_FDCWD', '/ä', ['O_CLOEXEC', 'O_PATH'], 0o600, why))).toEqual({ words: [-100n, 0x1000n, 0x280000n, 0o600n], placed: [text('/ä\0')], holes: [] })
})

test('flags have their own values on each machine', () => {
  const call = sys.openat(3, 'x', ['O_DIRECTORY', 'O_NOFOLLOW', 'O_DIRECT'], 0, why)
  expect(encoded(call, 'x64').words[2]).toBe(0o200000n | 0o400000n | 0o40000n) // arch/x86: asm-generic/fcntl.h
  expect(encoded(call, 'arm64').words[2]).toBe(0o40000n | 0o100000n | 0o200000n) // arch/arm64/include/uapi/asm/fcntl.h
})

test('a descriptor to come is a word of its own', () => {
  expect(encoded(sys.fchdir({ fd: 'root' }, why)).words).toEqual([{ fd: 'root' }])
})

// linux/openat2.h: flags, mode, resolve
test('struct open_how', () => {
  expect(encoded(sys.openat2(3, 'x', { flags: ['O_PATH', 'O_CLOEXEC'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }, why))).toEqual({
    words: [3n, 0x1000n, 0x2000n, 24n], placed: [text('x\0'), le([8, 0x280000], [8, 0], [8, 0x12])], holes: [] })
  expect(encoded(sys.openat2(3, 'x', { mode: 0o644 }, why)).placed[1]).toBe(le([8, 0], [8, 0o644], [8, 0]))
})

// linux/mount.h: attr_set, attr_clr, propagation, userns_fd
test('struct mount_attr', () => {
  expect(encoded(sys.mount_setattr(3, '', ['AT_EMPTY_PATH'], { attr_set: ['MOUNT_ATTR_IDMAP'], attr_clr: ['MOUNT_ATTR_RDONLY'], propagation: ['MS_PRIVATE'], userns_fd: { fd: 'userns' } }, why))).toEqual({
    words: [3n, 0x1000n, 0x1000n, 0x2000n, 32n], placed: ['00', le([8, 0x100000], [8, 1], [8, 1 << 18], [8, 0])], holes: [{ offset: 24, fd: 'userns' }] })
})

// linux/sched.h: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup
test('struct clone_args', () => {
  const { words, placed, holes } = encoded(sys.clone3({ flags: ['CLONE_INTO_CGROUP', 'CLONE_NEWPID', 'CLONE_PIDFD'], pidfd: null, parent_tid: 0x77, child_tid: 0x66, exit_signal: 'SIGCHLD', stack: 0x5000, stack_size: 0x4000, cgroup: { fd: 'cgroup' } }, why))
  expect(placed).toEqual([zeros(4), le([8, 0x200000000n + 0x20000000n + 0x1000n], [8, 0x1000], [8, 0x66], [8, 0x77], [8, 17], [8, 0x5000], [8, 0x4000], [8, 0], [8, 0], [8, 0], [8, 0])])
  expect({ words, holes }).toEqual({ words: [0x2000n, 88n], holes: [{ offset: 80, fd: 'cgroup' }] })
})

// linux/filter.h: sock_fprog { unsigned short len; struct sock_filter *filter }, sock_filter { __u16 code; __u8 jt, jf; __u32 k }
test('struct sock_fprog', () => {
  expect(encoded(sys.seccomp('SECCOMP_SET_MODE_FILTER', ['SECCOMP_FILTER_FLAG_LOG'], [[0x15, 1, 2, 0xc000003e], [6, 0, 0, 0x7fff0000]], why))).toEqual({
    words: [1n, 2n, 0x2000n], placed: [le([2, 0x15], [1, 1], [1, 2], [4, 0xc000003e], [2, 6], [1, 0], [1, 0], [4, 0x7fff0000]), le([2, 2], [6, 0], [8, 0x1000])], holes: [] })
})

// linux/capability.h: { version, pid }, two times { effective, permitted, inheritable }
test('capset: header and data', () => {
  expect(encoded(sys.capset({ effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN', 'CAP_SYSLOG'], inheritable: ['CAP_AUDIT_CONTROL', 'CAP_SETFCAP'] }, why))).toEqual({
    words: [0x1000n, 0x2000n], placed: [le([4, 0x20080522], [4, 0]), le([4, 1], [4, 1], [4, 0xc0000000], [4, 0], [4, 4], [4, 0])], holes: [] })
})

test('struct iovec', () => {
  expect(encoded(sys.writev(1, ['ab', { hex: '00ff01' }], why))).toEqual({
    words: [1n, 0x3000n, 2n], placed: [text('ab'), '00ff01', le([8, 0x1000], [8, 2], [8, 0x2000], [8, 3])], holes: [] })
})

test('argv and envp end in NULL', () => {
  expect(encoded(sys.execve('/x', ['a', 'bc'], [], why))).toEqual({
    words: [0x1000n, 0x4000n, 0x5000n], placed: [text('/x\0'), text('a\0'), text('bc\0'), le([8, 0x2000], [8, 0x3000], [8, 0]), le([8, 0])], holes: [] })
})

test('struct pollfd and struct timespec', () => {
  expect(encoded(sys.ppoll([{ fd: { fd: 'a' }, events: ['POLLIN', 'POLLHUP'] }, { fd: 9, events: ['POLLOUT'] }], { tv_sec: 1, tv_nsec: 2 }, why))).toEqual({
    words: [0x1000n, 2n, 0x2000n, 0n, 8n], placed: [le([4, 0], [2, 0x11], [2, 0], [4, 9], [2, 4], [2, 0]), le([8, 1], [8, 2])], holes: [{ offset: 0, fd: 'a' }] })
  expect(encoded(sys.ppoll([], null, why)).words).toEqual([0n, 0n, 0n, 0n, 8n])
})

// asm-generic/signal.h: bit n-1 is signal n; struct sigaction { handler, flags, restorer, mask }
test('sigset_t and struct sigaction', () => {
  expect(encoded(sys.rt_sigprocmask('SIG_SETMASK', ['SIGHUP', 'SIGTTOU'], why))).toEqual({ words: [2n, 0x1000n, 0n, 8n], placed: [le([8, 0x200001])], holes: [] })
  expect(encoded(sys.rt_sigprocmask('SIG_BLOCK', '~[]', why)).placed).toEqual(['ff'.repeat(8)])
  expect(encoded(sys.rt_sigaction('SIGUSR1', 'SIG_IGN', why))).toEqual({ words: [10n, 0x1000n, 0n, 8n], placed: [le([8, 1], [24, 0])], holes: [] })
})

test('struct rlimit64', () => {
  expect(encoded(sys.prlimit64(0, 'RLIMIT_NOFILE', { rlim_cur: 1024, rlim_max: 'RLIM64_INFINITY' }, why))).toEqual({ words: [0n, 7n, 0x1000n, 0n], placed: [le([8, 1024]) + 'ff'.repeat(8)], holes: [] })
})

test('gid_t array, cpu_set_t', () => {
  expect(encoded(sys.setgroups([1, 70000], why))).toEqual({ words: [2n, 0x1000n], placed: [le([4, 1], [4, 70000])], holes: [] })
  expect(encoded(sys.setgroups([], why)).words).toEqual([0n, 0n])
  expect(encoded(sys.set_mempolicy(['MPOL_BIND', 'MPOL_F_STATIC_NODES'], [1], why))).toEqual({ words: [0x8002n, 0x1000n, 65n], placed: [le([8, 2])], holes: [] })
  expect(encoded(sys.set_mempolicy(['MPOL_LOCAL'], [], why))).toEqual({ words: [4n, 0n, 0n], placed: [], holes: [] })
  expect(encoded(sys.sched_setaffinity(0, [0, 9, 64], why))).toEqual({ words: [0n, 16n, 0x1000n], placed: [le([8, 0x201], [8, 1])], holes: [] })
})

// linux/if.h: ifr_name[16], then ifr_flags; struct ifreq is 40 bytes
test('struct ifreq', () => {
  expect(encoded(sys.ioctl(3, 'SIOCSIFFLAGS', { ifr_name: 'lo', ifr_flags: ['IFF_UP', 'IFF_RUNNING'] }, why))).toEqual({ words: [3n, 0x8914n, 0x1000n], placed: [text('lo') + zeros(14) + le([2, 0x41]) + zeros(22)], holes: [] })
})

test('struct winsize, int by reference, struct termios', () => {
  expect(encoded(sys.ioctl(3, 'TIOCSWINSZ', { ws_row: 24, ws_col: 80 }, why)).placed).toEqual([le([2, 24], [2, 80], [2, 0], [2, 0])])
  expect(encoded(sys.ioctl(3, 'TIOCSPTLCK', 1, why))).toEqual({ words: [3n, 0x40045431n, 0x1000n], placed: [le([4, 1])], holes: [] })
  expect(encoded(sys.ioctl(3, 'TCSETS', { hex: '0102'.repeat(18) }, why)).placed).toEqual(['0102'.repeat(18)])
})

// include/linux/kdev_t.h, new_encode_dev: (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)
test('dev_t', () => {
  expect(encoded(sys.mknodat(3, 'x', { type: 'S_IFBLK', mode: 0o600, major: 0x103, minor: 0x403 }, why)).words).toEqual([3n, 0x1000n, 0x6180n, 0x410303n])
  expect(encoded(sys.mknodat(3, 'x', { type: 'S_IFREG', mode: 0 }, why)).words).toEqual([3n, 0x1000n, 0x8000n, 0n])
})

test('what follows from another argument is not written down, and is there', () => {
  expect(encoded(sys.write(1, 'ä', why))).toEqual({ words: [1n, 0x1000n, 2n], placed: ['c3a4'], holes: [] })
  expect(encoded(sys.sethostname('box', why)).words).toEqual([0x1000n, 3n])
  expect(encoded(sys.read(0, { out: 5 }, why))).toEqual({ words: [0n, 0x1000n, 5n], placed: [zeros(5)], holes: [] })
  expect(encoded(sys.prctl('PR_SET_NO_NEW_PRIVS', why)).words).toEqual([38n, 1n, 0n, 0n, 0n])
  expect(encoded(sys.fsconfig(3, 'FSCONFIG_SET_FD', 'fd', { fd: 'lower' }, why)).words).toEqual([3n, 5n, 0x1000n, 0n, { fd: 'lower' }])
  expect(encoded(sys.fsconfig(3, 'FSCONFIG_CMD_CREATE', why)).words).toEqual([3n, 6n, 0n, 0n, 0n])
})
