import { expect, test } from 'vitest'
import { check, sys, type Program, type Syscall } from './index.ts'

const why = 'a reason'
const privateRoot = sys.mount_setattr('AT_FDCWD', '/', ['AT_RECURSIVE'], { propagation: ['MS_PRIVATE'] }, why)
const open = (as: string) => sys.openat('AT_FDCWD', '/', ['O_CLOEXEC'], 0, { as, why })
const leave = sys.setresuid(1000, 1000, 1000, why)
const keep = sys.prctl('PR_SET_KEEPCAPS', 1, why)
const raise = (names: readonly 'CAP_KILL'[]) => sys.capset({ effective: names, permitted: names, inheritable: [] }, why)

const right: readonly (readonly [string, Program])[] = [
  ['nothing', []],
  ['a descriptor that is open', [open('a'), sys.fchdir({ fd: 'a' }, why)]],
  ['a descriptor used up to its close', [open('a'), sys.close({ fd: 'a' }, why), open('a'), sys.fchdir({ fd: 'a' }, why)]],
  ['a duplicate', [open('a'), sys.fcntl({ fd: 'a' }, 'F_DUPFD_CLOEXEC', 10, { as: 'b', why }), sys.fchdir({ fd: 'b' }, why)]],
  ['a descriptor that execve will close, still open', [open('a'), sys.close_range(3, 4294967295, ['CLOSE_RANGE_CLOEXEC'], why), sys.fchdir({ fd: 'a' }, why)]],
  ['exit_group at the end', [sys.getpid(why), sys.exit_group(0, why)]],
  ['pivot_root under a private root', [privateRoot, sys.pivot_root('.', '.', why)]],
  ['pivot_root after a private mount(2)', [sys.mount(null, '/', null, ['MS_REC', 'MS_SLAVE'], null, why), sys.pivot_root('.', '.', why)]],
  ['chroot and chdir', [sys.chroot('/x', why), sys.chdir('/', why)]],
  ['chroot to the working directory', [sys.chroot('.', why), sys.getpid(why)]],
  ['chroot as the last call', [sys.chroot('/x', why)]],
  ['groups before the user', [sys.setgroups([], why), sys.setresgid(1, 1, 1, why), leave]],
  ['capabilities kept over the change of user', [keep, leave, raise(['CAP_KILL'])]],
  ['capabilities given up after the change of user', [leave, raise([])]],
  ['groups by a capability raised again', [keep, leave, raise(['CAP_KILL']), sys.setgroups([], why)]],
  ['staying user 0', [sys.setresuid(0, 0, 0, why), sys.setgroups([], why), raise(['CAP_KILL'])]],
]

test.each(right)('nothing is wrong with %s', (_what, program) => expect(check(program)).toEqual([]))

const wrong: readonly (readonly [string, Program, number, string])[] = [
  ['an argument the kernel cannot take', [{ name: 'chdir', args: ['a\0b'], why }], 0, 'chdir: path must not contain a NUL byte: "a\\u0000b"'],
  ['an argument missing', [{ name: 'fchdir', args: [], why }], 0, 'fchdir takes 1 arguments, not 0'],
  ['a reason in upper case', [sys.getpid('Because')], 0, 'why must be one lower-case clause, not "Because"'],
  ['a reason with a full stop', [sys.getpid('because.')], 0, 'why must be one lower-case clause, not "because."'],
  ['no reason', [sys.getpid('')], 0, 'why must be one lower-case clause, not ""'],
  ['a descriptor that nothing opened', [sys.fchdir({ fd: 'a' }, why)], 0, 'descriptor "a" is not open here'],
  ['a descriptor before it is open', [sys.fchdir({ fd: 'a' }, why), open('a')], 0, 'descriptor "a" is not open here'],
  ['a closed descriptor', [open('a'), sys.close({ fd: 'a' }, why), sys.fchdir({ fd: 'a' }, why)], 2, 'descriptor "a" is not open here'],
  ['a descriptor closed in a range', [open('a'), sys.close_range(3, 4294967295, [], why), sys.fchdir({ fd: 'a' }, why)], 2, 'descriptor "a" is not open here'],
  ['a closed descriptor in a struct', [sys.mount_setattr('AT_FDCWD', '/', [], { userns_fd: { fd: 'u' } }, why)], 0, 'descriptor "u" is not open here'],
  ['a name for what is no descriptor', [sys.getpid({ as: 'a', why })], 0, 'getpid returns no descriptor that could be called "a"'],
  ['a name for a number that fcntl returns', [open('a'), sys.fcntl({ fd: 'a' }, 'F_GETFD', { as: 'b', why })], 1, 'fcntl returns no descriptor that could be called "b"'],
  ['a call after exit_group', [sys.exit_group(0, why), sys.getpid(why)], 1, 'nothing runs after exit_group'],
  ['pivot_root under a shared root', [sys.pivot_root('.', '.', why)], 0, 'pivot_root fails with EINVAL while the root mount is shared: make it private first'],
  ['chroot without chdir', [sys.chroot('/x', why), sys.getpid(why)], 1, 'chroot leaves the working directory outside: chdir("/") must follow'],
  ['chroot and a relative chdir', [sys.chroot('x', why), sys.chdir('..', why)], 1, 'chroot leaves the working directory outside: chdir("/") must follow'],
  ['groups after the user', [leave, sys.setgroups([], why)], 1, 'setgroups comes after setresuid, which has emptied the effective set that it needs'],
  ['groups after the user, capabilities kept', [keep, leave, sys.setgroups([], why)], 2, 'setgroups comes after setresuid, which has emptied the effective set that it needs'],
  ['the group after the user', [leave, sys.setresgid(1, 1, 1, why)], 1, 'setresgid comes after setresuid, which has emptied the effective set that it needs'],
  ['the bounding set after the user', [keep, leave, sys.prctl('PR_CAPBSET_DROP', 'CAP_KILL', why)], 2, 'prctl comes after setresuid, which has emptied the effective set that it needs'],
  ['capabilities after the user', [leave, raise(['CAP_KILL'])], 1, 'capset comes after setresuid, which has emptied the permitted set: PR_SET_KEEPCAPS must come before'],
]

test.each(wrong)('finds %s', (_what, program, index, message) => expect(check(program)).toEqual([{ index, message }]))

test('descriptors that are open already are known by name', () => {
  expect(check([sys.fchdir({ fd: 'root' }, why)], { root: 3 })).toEqual([])
})

test('finds a call that is not in the table', () => {
  expect(check([{ name: 'fork', args: [], why } as unknown as Syscall])).toMatchObject([{ index: 0, message: 'There is no system call "fork" in the table' }])
})

test('finds everything, not the first thing only', () => {
  expect(check([sys.fchdir({ fd: 'a' }, 'X'), sys.pivot_root('.', '.', why)]).map(({ index }) => index)).toEqual([0, 0, 1])
})
