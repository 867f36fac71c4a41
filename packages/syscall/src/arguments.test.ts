import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sys } from './index.ts'

const why = 'a reason'
// Each is a call that the types forbid or cannot see through.
const any = sys as unknown as Record<string, (...args: unknown[]) => unknown>

test.each<readonly [string, () => unknown, typeof TypeError | typeof RangeError, string]>([
  ['a NUL in a path', () => sys.chdir('/a\0/b', why), TypeError, 'chdir: path must not contain a NUL byte: "/a\\u0000/b"'],
  ['a NUL in an argument of a program', () => sys.execve('/x', ['a', 'b\0'], [], why), TypeError, 'execve: argv[1] must not contain a NUL byte: "b\\u0000"'],
  ['a NUL in a host name', () => sys.sethostname('a\0', why), TypeError, 'sethostname: name must not contain a NUL byte: "a\\u0000"'],
  ['half a character in a path', () => sys.chdir('/\ud83d', why), TypeError, 'chdir: path must not contain half of a surrogate pair: "/\\ud83d"'],
  ['half a character in what is written', () => sys.write(1, '\udc00', why), TypeError, 'write: buf must not contain half of a surrogate pair'],
  ['a pointed-to number out of range', () => sys.ioctl(3, 'TIOCSPTLCK', 2 ** 31, why), RangeError, 'ioctl: argp must be an integer'],
  ['a member of Object in a struct', () => any['openat2']!(-1, 'x', { toString: 1 }, why), TypeError, 'openat2: how has no member "toString"'],
  ['a path that is none', () => any['chdir']!(7, why), TypeError, 'chdir: path must be a string, not 7'],
  ['a descriptor that is none', () => any['fchdir']!('x', why), TypeError, `fchdir: fd must be a descriptor, { fd: name } or 'AT_FDCWD', not "x"`],
  ['a descriptor out of range', () => sys.fchdir(2 ** 31, why), RangeError, 'fchdir: fd must be an integer from -1 to 2147483647, not 2147483648'],
  ['a number that is none', () => sys.umask(Number.NaN, why), RangeError, 'umask: mask must be an integer from 0 to 4095, not NaN'],
  ['a fraction', () => sys.exit_group(0.5, why), RangeError, 'exit_group: status must be an integer from -2147483648 to 2147483647, not 0.5'],
  ['a number above 2^53', () => sys.ftruncate(3, 2 ** 53, why), RangeError, `ftruncate: length must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}, not 9007199254740992`],
  ['a negative size', () => sys.ftruncate(3, -1, why), RangeError, `ftruncate: length must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}, not -1`],
  ['a bigint', () => any['exit_group']!(1n, why), TypeError, 'exit_group: status must be a number, not 1'],
  ['an unknown flag', () => any['umount2']!('/', ['MNT_LAZY'], why), TypeError, 'umount2: flags must be one of MNT_FORCE, MNT_DETACH, MNT_EXPIRE, UMOUNT_NOFOLLOW…, not "MNT_LAZY"'],
  ["another family's flag", () => any['umount2']!('/', ['MS_REC'], why), TypeError, 'umount2: flags must be one of MNT_FORCE, MNT_DETACH, MNT_EXPIRE, UMOUNT_NOFOLLOW…, not "MS_REC"'],
  ['flags as a number', () => any['umount2']!('/', 2, why), TypeError, 'umount2: flags must be an array of umount flags, not 2'],
  ['an unknown signal', () => any['kill']!(1, 'SIGFOO', why), TypeError, 'kill: sig must be one of SIGHUP, SIGINT, SIGQUIT, SIGILL…, not "SIGFOO"'],
  ['an unknown request', () => any['prctl']!('PR_SET_MM', 1, why), TypeError, 'prctl knows PR_SET_NAME, '],
  ['a member of Object', () => any['prctl']!('toString', 1, why), TypeError, 'prctl knows PR_SET_NAME, '],
  ['an argument too many', () => any['getpid']!(1, why), TypeError, 'getpid takes 0 arguments, not 1'],
  ['no reason', () => any['getpid']!(), TypeError, 'getpid: the last argument is the reason for the call, not undefined'],
  ['an unknown member of a struct', () => any['openat2']!(-1, 'x', { flag: [] }, why), TypeError, 'openat2: how has no member "flag"'],
  ['a member of a struct that is wrong', () => any['openat2']!(-1, 'x', { resolve: ['O_PATH'] }, why), TypeError, 'openat2: resolve must be one of RESOLVE_NO_XDEV'],
  ['a struct that is none', () => any['openat2']!(-1, 'x', [], why), TypeError, 'openat2: how must be an object, not []'],
  ['a group id out of range', () => sys.setgroups([1, 2 ** 32], why), RangeError, 'setgroups: list holds 4294967296, which is no group id'],
  ['no CPU', () => sys.sched_setaffinity(0, [], why), TypeError, 'sched_setaffinity: mask must be an array of CPU numbers, not []'],
  ['a memory node out of range', () => sys.set_mempolicy(['MPOL_BIND'], [1024], why), RangeError, 'set_mempolicy: nodemask holds 1024, which is no memory node'],
  ['two modes', () => sys.set_mempolicy(['MPOL_BIND', 'MPOL_LOCAL' as 'MPOL_F_STATIC_NODES'], [], why), TypeError, 'set_mempolicy: mode must be one of MPOL_F_STATIC_NODES'],
  ['a CPU out of range', () => sys.sched_setaffinity(0, [8192], why), RangeError, 'sched_setaffinity: mask holds 8192, which is no CPU'],
  ['an unknown capability', () => any['capset']!({ effective: ['CAP_X'], permitted: [], inheritable: [] }, why), TypeError, 'capset: datap.effective holds "CAP_X", which is no capability'],
  ['a set missing', () => any['capset']!({ effective: [], permitted: [] }, why), TypeError, 'capset: datap.inheritable must be an array of capabilities, not undefined'],
  ['a known capability by number', () => sys.prctl('PR_CAPBSET_DROP', 7, why), TypeError, "prctl: arg2 must be a capability's name, or a number from 41 to 63, not 7"],
  ['a limit that is negative', () => sys.prlimit64(0, 'RLIMIT_CORE', { rlim_cur: -1, rlim_max: 0 }, why), RangeError, "prlimit64: new_limit must hold numbers or 'RLIM64_INFINITY', not -1"],
  ['a time that is none', () => sys.ppoll([], { tv_sec: 0, tv_nsec: 1e9 }, why), RangeError, 'ppoll: tmo_p must hold seconds and nanoseconds, not {"tv_sec":0,"tv_nsec":1000000000}'],
  ['hexadecimal that is none', () => sys.write(1, { hex: '0' }, why), TypeError, 'write: buf must be a string or { hex } in lower case, not {"hex":"0"}'],
  ['a buffer too large', () => sys.read(0, { out: 2 ** 20 + 1 }, why), RangeError, 'read: buf.out must be an integer from 1 to 1048576, not 1048577'],
  ['an interface name too long', () => sys.ioctl(3, 'SIOCSIFFLAGS', { ifr_name: 'a234567890123456', ifr_flags: [] }, why), RangeError, 'ioctl: ifr needs an interface name of 1 to 15 bytes, not "a234567890123456"'],
  ['an interface name too long in bytes', () => sys.ioctl(3, 'SIOCSIFFLAGS', { ifr_name: 'ä'.repeat(8), ifr_flags: [] }, why), RangeError, 'ioctl: ifr needs an interface name of 1 to 15 bytes'],
  ['an unknown flag of an interface', () => any['ioctl']!(3, 'SIOCSIFFLAGS', { ifr_name: 'lo', ifr_flags: ['IFF_DOWN'] }, why), TypeError, 'ioctl: ifr_flags must be one of IFF_UP'],
  ['an unknown kind of node', () => any['mknodat']!(3, 'x', { type: 'S_IFDIR', mode: 0 }, why), TypeError, 'mknodat: type must be one of S_IFREG'],
  ['a device number out of range', () => sys.mknodat(3, 'x', { type: 'S_IFCHR', mode: 0, major: 4096 }, why), RangeError, 'mknodat: node has a device number out of range: 4096'],
  ['an unknown event', () => any['ppoll']!([{ fd: 1, events: ['POLLX'] }], null, why), TypeError, 'ppoll: events must be one of POLLIN'],
  ['no filter', () => sys.seccomp('SECCOMP_SET_MODE_FILTER', [], [], why), TypeError, 'seccomp: args must be 1 to 4096 BPF instructions, not []'],
  ['a filter out of range', () => sys.seccomp('SECCOMP_SET_MODE_FILTER', [], [[6, 0, 256, 0]], why), RangeError, 'seccomp: args holds [6,0,256,0]: jf is from 0 to 255'],
  ['an I/O priority out of range', () => sys.ioprio_set('IOPRIO_WHO_PROCESS', 0, 1 << 15, why), RangeError, 'ioprio_set: ioprio must be a class from 0 to 3 above 13 bits of level, not 32768'],
])('refuses %s', (_what, make, kind, message) => {
  expect(make).toThrow(kind)
  expect(make).toThrow(message)
})

test('an integer is taken exactly in its range', () => {
  fc.assert(fc.property(fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), (n) => {
    const make = () => sys.exit_group(n, why)
    if (n >= -(2 ** 31) && n < 2 ** 31) expect(make().args).toEqual([n])
    else expect(make).toThrow(RangeError)
  }))
})
