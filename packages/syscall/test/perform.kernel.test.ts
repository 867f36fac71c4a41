import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errnoTable, stringify, sys, SyscallError, type Program, type Syscall } from '../src/index.ts'
import { perform } from '../src/perform.ts'
import { bundle } from './bundle.ts'

const root = process.getuid?.() === 0
const strace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
const why = 'a test'
let dir: string
let child: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'syscall-perform-'))
  child = bundle('perform-child.ts', dir)
})
afterAll(() => rmSync(dir, { recursive: true }))

const opened = () => readdirSync('/proc/self/fd').length
const failure = (program: Program): SyscallError => {
  try {
    perform(program)
  } catch (error) {
    expect(error).toBeInstanceOf(SyscallError)
    return error as SyscallError
  }
  throw new Error('nothing failed')
}

test('what each call returned', () => {
  expect(perform([sys.getpid(why), sys.getppid(why), sys.geteuid(why)]).results).toEqual([process.pid, process.ppid, process.geteuid!()])
  expect(perform([])).toEqual({ results: [], fds: {}, outputs: new Map() })
})

test('what the kernel wrote', () => {
  writeFileSync(join(dir, 'text'), 'hello')
  const { results, outputs, fds } = perform([
    sys.openat('AT_FDCWD', join(dir, 'text'), ['O_CLOEXEC'], 0, { as: 'file', why }),
    sys.read({ fd: 'file' }, { out: 100 }, why),
    sys.read({ fd: 'file' }, { out: 100 }, why),
    sys.close({ fd: 'file' }, why),
    sys.getcwd({ out: 4096 }, why),
  ])
  expect(results.slice(1, 4)).toEqual([5, 0, 0])
  expect([1, 2].map((index) => new TextDecoder().decode(outputs.get(index)))).toEqual(['hello', ''])
  expect(new TextDecoder().decode(outputs.get(4))).toBe(process.cwd() + '\0')
  expect(fds).toEqual({})
})

test('what was written is bytes', () => {
  const path = join(dir, 'bytes')
  const { fds } = perform([
    sys.openat('AT_FDCWD', path, ['O_CREAT', 'O_EXCL', 'O_WRONLY', 'O_CLOEXEC'], 0o600, { as: 'file', why }),
    sys.write({ fd: 'file' }, { hex: '00ff' }, { why, returns: 2 }),
    sys.writev({ fd: 'file' }, ['ä', { hex: '0a' }], { why, returns: 3 }),
  ])
  closeSync(fds['file']!)
  expect(readFileSync(path).toString('hex')).toBe('00ffc3a40a')
})

test('a descriptor by name, in the arguments and inside a struct', () => {
  const before = opened()
  const { results, fds } = perform([
    sys.openat('AT_FDCWD', '/dev/null', ['O_RDWR', 'O_CLOEXEC'], 0, { as: 'null', why }),
    sys.fcntl({ fd: 'null' }, 'F_DUPFD_CLOEXEC', 50, { as: 'copy', why }),
    sys.close({ fd: 'null' }, why),
    sys.ppoll([{ fd: -1, events: ['POLLIN'] }, { fd: { fd: 'copy' }, events: ['POLLIN'] }], { tv_sec: 0, tv_nsec: 0 }, why),
  ])
  expect(fds).toEqual({ copy: results[1] })
  expect(results[1]).toBeGreaterThanOrEqual(50)
  expect(results[3]).toBe(1)
  closeSync(fds['copy']!)
  expect(opened()).toBe(before)
})

test.skipIf(!root)('a descriptor by name as the last of five arguments (needs root)', () => {
  const program = (aux: number | { fd: string }) => [
    sys.fsopen('tmpfs', ['FSOPEN_CLOEXEC'], { as: 'fs', why }),
    sys.openat('AT_FDCWD', '/dev/null', ['O_CLOEXEC'], 0, { as: 'null', why }),
    sys.fsconfig({ fd: 'fs' }, 'FSCONFIG_SET_FD', 'nonsense', aux, why),
  ]
  // With a descriptor the kernel comes as far as looking for the option.
  expect(failure(program({ fd: 'null' }))).toMatchObject({ code: 'EINVAL', index: 2 })
  expect(failure(program(99999))).toMatchObject({ code: 'EBADF', index: 2 })
})

test('a struct that the kernel fills comes whole, and can be handed back', () => {
  const before = opened()
  const open = [
    sys.openat('AT_FDCWD', '/dev/ptmx', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], 0, { as: 'main', why }),
    sys.ioctl({ fd: 'main' }, 'TIOCSPTLCK', 0, why),
    sys.ioctl({ fd: 'main' }, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], { as: 'peer', why }),
    sys.ioctl({ fd: 'peer' }, 'TCGETS', { out: 36 }, why),
  ]
  const { outputs, fds } = perform(open)
  const termios = outputs.get(3)!
  expect(termios).toHaveLength(36)
  // c_cc[VINTR] is ^C, behind four words and c_line (asm-generic/termbits.h).
  expect(termios[17]).toBe(3)
  const changed = Uint8Array.from(termios, (byte, i) => (i === 17 ? 7 : byte))
  const again = perform([
    sys.ioctl({ fd: 'peer' }, 'TCSETS', { hex: Buffer.from(changed).toString('hex') }, why),
    sys.ioctl({ fd: 'peer' }, 'TCGETS', { out: 36 }, why),
    sys.ioctl({ fd: 'main' }, 'TIOCSWINSZ', { ws_row: 7, ws_col: 9 }, why),
  ], fds)
  expect(again.outputs.get(1)).toEqual(changed)
  for (const fd of Object.values(fds)) closeSync(fd)
  expect(opened()).toBe(before)
})

test('descriptors that are open already, by name', () => {
  const fd = openSync('/dev/null', 'r')
  try {
    expect(perform([sys.fcntl({ fd: 'mine' }, 'F_GETFD', why)], { mine: fd })).toMatchObject({ results: [1], fds: {} })
    failure([sys.fcntl(fd, 'F_GETFD', why), sys.fchdir(fd, why)])
    perform([sys.fcntl(fd, 'F_GETFD', why)])
  } finally {
    closeSync(fd)
  }
  expect(() => perform([sys.fchdir({ fd: 'toString' }, why)])).toThrow('descriptor "toString" is not open')
  expect(() => perform([sys.fchdir({ fd: 'other' }, why)])).toThrow(new TypeError('Call 1, fchdir: descriptor "other" is not open'))
})

test('an error has the form of all errors', () => {
  const error = failure([sys.getpid(why), sys.umount2('/nonexistent', ['MNT_DETACH'], 'the old root must not stay in view'), sys.getpid(why)])
  expect(error.message).toBe(`umount2("/nonexistent", MNT_DETACH): ENOENT\n  why   the old root must not stay in view\n  at    syscall 2 of 3`)
  expect(error).toMatchObject({ code: 'ENOENT', syscall: 'umount2', path: '/nonexistent', index: 1, of: 3 })
})

test('an error that is allowed does not stop it', () => {
  const { results } = perform([
    sys.mkdirat('AT_FDCWD', dir, 0o700, { why, allow: ['EEXIST'] }),
    sys.openat('AT_FDCWD', join(dir, 'none'), ['O_CLOEXEC'], 0, { as: 'none', why, allow: ['ENOENT', 'EACCES'] }),
    sys.getpid(why),
  ])
  expect(results).toEqual([-errnoTable.EEXIST, -errnoTable.ENOENT, process.pid])
  expect(failure([sys.mkdirat('AT_FDCWD', dir, 0o700, { why, allow: ['EACCES'] })])).toMatchObject({ code: 'EEXIST' })
})

test('a descriptor that an allowed error did not return is not open', () => {
  const program = [sys.openat('AT_FDCWD', join(dir, 'none'), ['O_CLOEXEC'], 0, { as: 'none', why, allow: ['ENOENT'] }), sys.fchdir({ fd: 'none' }, why)]
  expect(() => perform(program)).toThrow('Call 2, fchdir: descriptor "none" is not open')
})

test('another value than the one it had to return is a failure', () => {
  const error = failure([
    sys.openat('AT_FDCWD', '/dev/null', ['O_CLOEXEC'], 0, { as: 'null', why }),
    sys.read({ fd: 'null' }, { out: 1 }, { why: 'the other side has to answer', returns: 1 }),
  ])
  expect(error).toMatchObject({ code: 'ESHORT', errno: 0, index: 1, hint: 'it returned 0, not 1' })
})

test('every descriptor is closed again on an error', () => {
  const before = opened()
  const open = (as: string): Syscall => sys.openat('AT_FDCWD', '/dev/null', ['O_CLOEXEC'], 0, { as, why })
  for (let i = 0; i < 3; i++) failure([open('a'), open('b'), sys.close({ fd: 'a' }, why), open('c'), sys.chdir('/nonexistent', why)])
  // One whose name was given to another stays known by its number.
  failure([open('a'), open('a'), sys.chdir('/nonexistent', why)])
  failure([open('a'), sys.fcntl({ fd: 'a' }, 'F_DUPFD_CLOEXEC', 0, why), sys.chdir('/nonexistent', why)])
  expect(opened()).toBe(before)
})

const impossible: readonly (readonly [Syscall, string])[] = [
  [sys.unshare(['CLONE_NEWUSER', 'CLONE_NEWNET'], why), 'Cannot perform unshare here: the kernel refuses a new user namespace to a process with several threads, and Node always has some: use launch'],
  [sys.setns(3, ['CLONE_NEWUSER'], why), 'Cannot perform setns here: the kernel refuses to move a process with several threads into a user namespace'],
  [sys.setns(3, ['CLONE_NEWTIME'], why), 'Cannot perform setns here: the kernel refuses to move a process with several threads into a time namespace'],
  [sys.clone3({ flags: [] }, why), 'Cannot perform clone3 here: JavaScript cannot go on in a forked child'],
  [sys.execve('/bin/true', [], [], why), 'Cannot perform execve here: it would replace this Node process: use launch'],
  [sys.execveat(3, '', [], [], ['AT_EMPTY_PATH'], why), 'Cannot perform execveat here: it would replace this Node process: use launch'],
  [sys.exit_group(0, why), 'Cannot perform exit_group here: it would end this Node process without its exit handlers: use process.exit'],
  [sys.seccomp('SECCOMP_SET_MODE_FILTER', [], [[6, 0, 0, 0]], why), 'Cannot perform seccomp here: a filter would bind one thread of Node and not the others: use launch'],
  [sys.pivot_root('.', '.', why), 'Cannot perform pivot_root here: it would change the root directory of every thread of Node'],
  [sys.chroot('.', why), 'Cannot perform chroot here: it would change the root directory of every thread of Node'],
  [sys.close_range(3, 4294967295, [], why), 'Cannot perform close_range here: it would close descriptors that Node itself uses'],
  [sys.mmap(0, 4096, [], ['MAP_PRIVATE', 'MAP_ANONYMOUS'], -1, 0, why), 'Cannot perform mmap here: it would change the memory that Node itself is using: use launch'],
  [sys.munmap(0, 4096, why), 'Cannot perform munmap here: it would change the memory that Node itself is using: use launch'],
]

test.each(impossible.map(([call, message]) => [call.name, call, message] as const))('refuses %s, before anything has run', (_name, call, message) => {
  const path = join(dir, 'never')
  expect(() => perform([sys.mkdirat('AT_FDCWD', path, 0o700, why), call])).toThrow(TypeError)
  expect(() => perform([sys.mkdirat('AT_FDCWD', path, 0o700, why), call])).toThrow(message)
  expect(existsSync(path)).toBe(false)
})

/** What came of a program in a process of its own, under strace where there are options for it. */
function apart(program: Program, options: readonly string[] = []) {
  const node = [process.execPath, child, stringify(program)]
  const [command = '', ...args] = options.length === 0 ? node : ['strace', '-o', join(dir, 'log'), ...options, ...node]
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return JSON.parse(stdout) as { results?: number[]; fds?: Record<string, number>; error?: { code: string; index: number }; koffi: boolean[]; moved: boolean[] }
}

const lookup = sys.openat2('AT_FDCWD', '/', { flags: ['O_PATH', 'O_CLOEXEC'], resolve: ['RESOLVE_IN_ROOT'] }, { as: 'root', why, retry: ['EAGAIN'] })
const attempts = () => readFileSync(join(dir, 'log'), 'utf8').split('\n').filter((line) => line.startsWith('openat2(')).length

test.skipIf(!strace)('an error to be tried again is tried again (needs strace)', () => {
  expect(apart([lookup], ['-e', 'trace=openat2', '-e', 'inject=openat2:error=EAGAIN:when=1..3']).fds).toHaveProperty('root')
  expect(attempts()).toBe(4)
})

test.skipIf(!strace)('it is tried 128 times more, and another error not at all (needs strace)', () => {
  expect(apart([lookup], ['-e', 'trace=openat2', '-e', 'inject=openat2:error=EAGAIN']).error).toMatchObject({ code: 'EAGAIN', index: 0 })
  expect(attempts()).toBe(129)
  expect(apart([lookup], ['-e', 'trace=openat2', '-e', 'inject=openat2:error=EINTR']).error).toMatchObject({ code: 'EINTR', index: 0 })
  expect(attempts()).toBe(1)
})

test('koffi is loaded when a call is made, not before', () => {
  expect(apart([]).koffi).toEqual([false, false])
  expect(apart([sys.getpid(why)]).koffi).toEqual([false, true])
})

test.skipIf(!root)('a new namespace is for the calling thread alone (needs root)', () => {
  const { moved } = apart([sys.unshare(['CLONE_NEWUTS'], why)])
  expect(moved[0]).toBe(true)
  expect(moved.length).toBeGreaterThan(1)
  expect(moved.slice(1)).not.toContain(true)
})
