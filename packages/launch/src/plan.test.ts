import { describe, expect, test } from 'vitest'
import { check, explain, sys } from '@ctr/syscall'
import { checkpoint, plan, planFor } from './index.ts'
import { maxCalls } from './layout.ts'

const exec = sys.execve('/bin/true', ['true'], [], 'what it is for')
const lines = (of: { program: readonly ReturnType<typeof sys.getpid>[]; open: Readonly<Record<string, number>> }) => explain(of.program, { open: of.open, why: false, names: false })

test('around every program: progress, descriptors, name, dumpable, clone3, life line', () => {
  const { program, open, forks } = plan([exec])
  expect(open).toEqual({ control: 3, life: 4, status: 5 })
  expect(lines({ program, open })).toEqual([
    'mmap(0xc000000, 65536, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_FIXED, 5, 0)',
    'close_range(5, 4294967295, 0)',
    'close_range(3, 4294967295, CLOSE_RANGE_CLOEXEC)',
    'prctl(PR_SET_NAME, "ctr")',
    'prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)',
    'clone3({flags=CLONE_PIDFD|CLONE_PARENT|CLONE_PARENT_SETTID, pidfd=…, parent_tid=0xc000018, exit_signal=0, stack=NULL, stack_size=0}, 88)',
    'close(4)',
    'execve("/bin/true", ["true"], [])',
  ])
  expect(forks.map(lines)).toEqual([[
    'close(3)', 'setsid()', 'read(4, …, 1)', 'pidfd_send_signal(5, SIGKILL, NULL, 0)', 'ppoll([{fd=5, events=POLLIN}], 1, {tv_sec=10, tv_nsec=0}, NULL, 8)',
  ]])
})

test('detached and in no new namespace, nothing is cloned', () => {
  const { program, open, forks } = plan([exec], { detached: true })
  expect(open).toEqual({ control: 3, status: 4 })
  expect(program.map(({ name }) => name)).toEqual(['mmap', 'close_range', 'close_range', 'prctl', 'prctl', 'execve'])
  expect(forks).toEqual([])
})

test('detached in new namespaces, nobody watches', () => {
  const { program, open, forks } = plan([exec], { detached: true, namespaces: ['CLONE_NEWPID'] })
  expect(lines({ program, open })[5]).toBe('clone3({flags=CLONE_PARENT|CLONE_PARENT_SETTID|CLONE_NEWPID, parent_tid=0xc000018, exit_signal=0, stack=NULL, stack_size=0}, 88)')
  expect(forks).toEqual([{ program: [], open: { control: 3 } }])
})

test('what is passed comes between, and is closed by execve', () => {
  expect(plan([exec], { pass: ['a', 'b'] }).open).toEqual({ control: 3, a: 4, b: 5, life: 6, status: 7 })
})

test('joining is setns before, clone3 after it', () => {
  const { program, open } = planFor([exec], { join: { pidfd: 99, namespaces: ['CLONE_NEWPID', 'CLONE_NEWNS'] } })
  expect(lines({ program, open }).slice(5, 7)).toEqual(['setns(4, CLONE_NEWNS|CLONE_NEWPID)', expect.stringMatching(/^clone3/)])
})

test('a cgroup is an argument of clone3', () => {
  const { program, open } = planFor([exec], { cgroup: '/sys/fs/cgroup/x' })
  expect(lines({ program, open })[5]).toContain('flags=CLONE_PIDFD|CLONE_PARENT|CLONE_PARENT_SETTID|CLONE_INTO_CGROUP')
  expect(lines({ program, open })[5]).toContain('cgroup=4}')
})

test('without that argument it is a file that is opened before everything, and written first of all', () => {
  const { program, open, forks } = planFor([exec], { cgroup: '/sys/fs/cgroup/x', cgroupBy: 'cgroup.procs', namespaces: ['CLONE_NEWCGROUP', 'CLONE_NEWPID'], stage: [sys.getpid('a call')] })
  expect(lines({ program, open }).slice(5)).toEqual([
    'openat(4, "cgroup.procs", O_WRONLY|O_CLOEXEC)', 'getpid()', expect.stringMatching(/^clone3\(\{flags=CLONE_PIDFD\|CLONE_PARENT\|CLONE_PARENT_SETTID\|CLONE_NEWPID, /),
    'write(6, "0", 1)', 'close(6)', 'unshare(CLONE_NEWCGROUP)', 'close(4)', 'close(5)', 'execve("/bin/true", ["true"], [])',
  ])
  expect(check(program, open)).toEqual([])
  for (const side of forks) expect(check(side.program, side.open)).toEqual([])
})

test('with id maps, the process stays readable by its parent until they are written, and no longer', () => {
  const { program } = planFor([exec], { namespaces: ['CLONE_NEWUSER'], idMaps: { uid: [[0, 0, 1]], gid: [[0, 0, 1]] } })
  expect(program.slice(-4).map(({ args }) => args.slice(0, 2))).toEqual([[{ fd: 'control' }, 'idmap\n'], [{ fd: 'control' }, { out: 1 }], ['PR_SET_DUMPABLE', 'SUID_DUMP_DISABLE'], ['/bin/true', ['true']]])
  expect(program.findIndex(({ name }) => name === 'clone3')).toBe(4)
})

test('one that is traceable is so up to its execve', () => {
  const { program } = planFor([exec], { namespaces: ['CLONE_NEWUSER'], idMaps: () => {}, traceable: true })
  expect(program.slice(-3).map(({ name }) => name)).toEqual(['write', 'read', 'execve'])
  expect(program.some(({ args }) => args[0] === 'PR_SET_DUMPABLE')).toBe(false)
})

test('check finds no mistake in it, on any side', () => {
  const { program, open, forks } = planFor([...checkpoint('here'), exec], { namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID'], cgroup: '/x', pass: { more: 0 }, orphan: [sys.unlinkat('AT_FDCWD', '/x', ['AT_REMOVEDIR'], 'it is ours')], stage: [sys.getpid('a call')] })
  expect(check(program, open)).toEqual([])
  for (const side of forks) expect(check(side.program, side.open)).toEqual([])
})

test('a program may clone too, with a program for the caller', () => {
  const clone = sys.clone3({ flags: ['CLONE_PIDFD'], pidfd: null, exit_signal: 'SIGCHLD' }, { as: 'inner', why: 'two are wanted' })
  const { forks } = plan([sys.openat('AT_FDCWD', '/', ['O_PATH', 'O_CLOEXEC'], 0, { as: 'root', why: 'open on both sides' }), clone, exec], { forks: [[sys.exit_group(0, 'done')]] })
  expect(forks[1]!.open).toEqual({ control: 3, root: 4, inner: 5 })
  expect(() => plan([clone, exec])).toThrow('2 clone3 and 1 programs')
})

describe('what cannot be meant', () => {
  test('names that are taken', () => expect(() => plan([exec], { pass: ['life'] })).toThrow('Cannot pass a descriptor as "life"'))
  test('flags that are no namespace', () => expect(() => plan([exec], { namespaces: ['CLONE_THREAD'] })).toThrow('Cannot make a namespace of CLONE_THREAD'))
  test('a control socket that is closed', () => expect(() => plan([sys.close({ fd: 'control' }, 'no more'), exec])).toThrow('closes its control socket'))
  test('more calls than the page can have rows', () => expect(() => plan(Array<typeof exec>(maxCalls + 1).fill(exec))).toThrow(`has room for ${maxCalls}`))
})

test('a program of many calls has a status page of many rows', () => {
  const bytes = (calls: number) => plan(Array.from({ length: calls }, () => sys.getpid('x'))).program[0]!.args[1]
  expect([1000, 1700, 50_000].map(bytes)).toEqual([0x10000, 0x20000, 0x1f0000])
})

test('descriptors for what is executed: what is between them is closed, and ours come behind', () => {
  const { program, open } = plan([], { kept: [4, 7], pass: ['mine'], detached: true })
  expect(open).toEqual({ 'fd 4': 4, 'fd 7': 7, control: 8, mine: 9, status: 10 })
  expect(explain(program.slice(1, 5), { why: false })).toEqual(['close_range(10, 4294967295, 0)', 'close_range(3, 3, 0)', 'close_range(5, 6, 0)', 'close_range(8, 4294967295, CLOSE_RANGE_CLOEXEC)'])
})
