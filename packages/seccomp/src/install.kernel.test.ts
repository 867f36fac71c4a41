import { readFileSync, readlinkSync } from 'node:fs'
import { checkpoint, launch } from '@ctr/launch'
import { sys, SyscallError, type Program, type Syscall } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { expect, test } from 'vitest'
import { compile, decide, install, type Action, type ArgumentCondition, type Profile } from './index.ts'

const root = process.getuid?.() === 0
const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const why = 'the filter has an opinion about it'
const fails = sys.execve('/nonexistent', ['x'], [], 'the end, if the filter lets it come so far')
/** Nothing but the calls of the test is refused. */
const about = (names: readonly string[], action: Action, more: Partial<Profile> & { readonly args?: readonly ArgumentCondition[]; readonly errnoRet?: number } = {}): Profile => {
  const { args, errnoRet, ...rest } = more
  return { defaultAction: 'SCMP_ACT_ALLOW', ...rest, syscalls: [{ names, action, ...(args ? { args } : {}), ...(errnoRet === undefined ? {} : { errnoRet }) }] }
}

/** How the calls end behind the filter: with the errno or signal of one that did, or with ENOENT, at the end. */
async function behind(profile: Profile, calls: readonly Syscall[], before: Program = []): Promise<{ code: string; syscall: string }> {
  try {
    const child = await launch([...before, ...install(compile(profile, { machine })), ...calls, fails])
    const { signal } = await child.exited
    return { code: String(signal), syscall: 'none' }
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error
    return { code: error.code, syscall: error.syscall }
  }
}

test.skipIf(!root)('every action does what it says (needs root)', async () => {
  const calls = [sys.getpid(why)]
  expect(await behind(about(['getpid'], 'SCMP_ACT_ALLOW', { defaultAction: 'SCMP_ACT_LOG' }), calls)).toEqual({ code: 'ENOENT', syscall: 'execve' })
  expect(await behind(about(['getpid'], 'SCMP_ACT_LOG'), calls)).toEqual({ code: 'ENOENT', syscall: 'execve' })
  expect(await behind(about(['getpid'], 'SCMP_ACT_ERRNO'), calls)).toEqual({ code: 'EPERM', syscall: 'getpid' })
  expect(await behind(about(['getpid'], 'SCMP_ACT_ERRNO', { errnoRet: 122 }), calls)).toEqual({ code: 'EDQUOT', syscall: 'getpid' })
  // There is no tracer.
  expect(await behind(about(['getpid'], 'SCMP_ACT_TRACE', { errnoRet: 7 }), calls)).toEqual({ code: 'ENOSYS', syscall: 'getpid' })
  for (const action of ['SCMP_ACT_TRAP', 'SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL_PROCESS'] as const) {
    expect(await behind(about(['getpid'], action), calls)).toEqual({ code: 'SIGSYS', syscall: 'getpid' })
  }
})

test.skipIf(!root)('the kernel compares as the profile reads, at the edges of both halves (needs root)', async () => {
  const values = [0, 5, 0xffffffff, 0x100000000, 0x100000005]
  const operators = ['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ'] as const
  for (const op of operators) for (const value of [5, 0xffffffff, 0x100000005]) {
    const profile = about(['ftruncate'], 'SCMP_ACT_ERRNO', { errnoRet: 122, args: [{ index: 1, op, value, valueTwo: 5 }] })
    const got = await Promise.all(values.map((length) => behind(profile, [sys.ftruncate(-1, length, why)])))
    const wanted = values.map((length) => (decide(profile, { call: 'ftruncate', args: [0xffffffffffffffffn, length] }, { machine }).action === 'SCMP_ACT_ERRNO' ? 'EDQUOT' : 'EBADF'))
    expect([op, value, ...got.map(({ code }) => code)]).toEqual([op, value, ...wanted])
  }
})

const confined: Profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['execve', 'brk', 'mmap', 'munmap', 'mprotect', 'openat', 'open', 'read', 'pread64', 'write', 'close', 'fstat', 'newfstatat', 'exit_group', 'arch_prctl', 'set_tid_address', 'set_robust_list',
    'rseq', 'prlimit64', 'getrandom', 'access', 'faccessat', 'fadvise64', 'futex', 'fcntl', 'lseek', 'readlink', 'readlinkat', 'ioctl'], action: 'SCMP_ACT_ALLOW' }],
}

test.skipIf(!root)('the very last call before execve binds what is executed (needs root)', async () => {
  const child = await launch([...install(compile(confined, { machine })), sys.execve('/bin/cat', ['cat', '/proc/self/status'], [], 'look from inside')], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout!) text += chunk
  expect((await child.exited).code).toBe(0)
  expect(/^Seccomp:\t(\d)/m.exec(text)?.[1]).toBe('2')
})

test.skipIf(!root)('without execve in the profile nothing is executed, and the error says so (needs root)', async () => {
  const without: Profile = { ...confined, syscalls: [{ ...confined.syscalls![0]!, names: confined.syscalls![0]!.names.filter((name) => name !== 'execve') }] }
  await expect(launch([...install(compile(without, { machine })), sys.execve('/bin/true', ['true'], [], 'what it is all for')])).rejects.toMatchObject({ code: 'EPERM', syscall: 'execve' })
})

test.skipIf(!root)('a thread without CAP_SYS_ADMIN needs no_new_privs (needs root)', async () => {
  const filter = compile(about(['getpid'], 'SCMP_ACT_ERRNO'), { machine })
  const nobody = [sys.setresuid(65534, 65534, 65534, 'no capability is left')]
  await expect(launch([...nobody, ...install(filter), fails])).rejects.toMatchObject({ code: 'EACCES', syscall: 'seccomp', hint: 'a filter needs no_new_privs, or CAP_SYS_ADMIN in this user namespace' })
  await expect(launch([...nobody, ...install(filter, { noNewPrivs: true }), sys.getpid(why), fails])).rejects.toMatchObject({ code: 'EPERM', syscall: 'getpid' })
})

test.skipIf(!root)('flags are the kernel\'s (needs root)', async () => {
  for (const flags of [['SECCOMP_FILTER_FLAG_LOG'], ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'], ['SECCOMP_FILTER_FLAG_TSYNC'], ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG']] as const) {
    expect(await behind(about(['getpid'], 'SCMP_ACT_ERRNO', { flags }), [sys.getpid(why)])).toEqual({ code: 'EPERM', syscall: 'getpid' })
  }
})

const notifying = about(['gettid'], 'SCMP_ACT_NOTIFY')

test.skipIf(!root)('the listener is taken from the process while it waits (needs root)', async () => {
  let link: string | undefined
  const program = [...install(compile({ ...notifying, flags: ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }, { machine }), { as: 'listener' }), ...checkpoint('seccomp'), sys.execve('/bin/true', ['true'], [], 'what it is all for')]
  const child = await launch(program, {
    checkpoints: {
      seccomp: ({ pid }) => {
        const there = /\/fd\/(\d+) anon_inode:seccomp notify/.exec(descriptorsOf(pid))
        const { results } = perform([sys.pidfd_open(pid, { why: 'a descriptor is taken through it', as: 'process' }), sys.pidfd_getfd({ fd: 'process' }, Number(there![1]), 'the listener belongs to us')])
        link = readlinkSync(`/proc/self/fd/${results[1]}`)
        perform([sys.close(results[1]!, 'it has been seen'), sys.close(results[0]!, 'it has been used')])
      },
    },
  })
  expect((await child.exited).code).toBe(0)
  expect(link).toBe('anon_inode:seccomp notify')
})

function descriptorsOf(pid: number): string {
  return Array.from({ length: 32 }, (_, i) => { try { return `/fd/${i} ${readlinkSync(`/proc/${pid}/fd/${i}`)}` } catch { return '' } }).join('\n')
}

test.skipIf(!root)('there is one listener a thread (needs root)', async () => {
  const filter = compile(notifying, { machine })
  await expect(launch([...install(filter, { as: 'first' }), ...install(filter, { as: 'second' }), fails])).rejects.toMatchObject({ code: 'EBUSY', syscall: 'seccomp', hint: 'a filter with a listener is there already: there can be one' })
})

test('the kernel of this machine has all actions', () => {
  const available = readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8').trim().split(' ')
  expect(available).toEqual(['kill_process', 'kill_thread', 'trap', 'errno', 'user_notif', 'trace', 'log', 'allow'])
})
