import { expect, test } from 'vitest'
import { inside, joined, leavesNothing, running, untilInit } from './inside.ts'

const filters = 'grep -E "^Seccomp(_filters)?:" /proc/self/status | tr -d "\\n\\t"'
const filtered = 'Seccomp:2Seccomp_filters:1'
/** A program of every Linux that asks for a namespace of its own. */
const newUser = 'unshare --user true 2>/dev/null && echo made || echo refused'

test('a container has a filter, whoever runs in it and however', async () => {
  for (const config of [{}, { user: '1000:1000' }, { noNewPrivileges: true }, { user: '1000', noNewPrivileges: true }, { capDrop: ['ALL'] }, { init: true }, { tty: true }]) {
    expect((await inside(filters, config)).stdout, JSON.stringify(config)).toBe(filtered)
  }
})

test('init has it too', async () => {
  expect((await inside(`${untilInit} grep -E "^Seccomp:" /proc/1/status`, { init: true })).stdout).toBe('Seccomp:\t2\n')
})

test('exec has it too', async () => {
  await using container = await running('sleep 100')
  expect((await joined(container, filters)).stdout).toBe(filtered)
  expect((await joined(container, filters, { user: '1000' })).stdout).toBe(filtered)
  await using open = await running('sleep 100', { seccomp: 'unconfined' })
  expect((await joined(open, filters)).stdout).toBe('Seccomp:0Seccomp_filters:0')
})

test('a user namespace cannot be made, which else needs no privilege', async () => {
  expect((await inside(newUser)).stdout).toBe('refused\n')
  expect((await inside(newUser, { seccomp: 'unconfined' })).stdout).toBe('made\n')
})

test('a capability takes its calls with it', async () => {
  const mount = 'mount -t tmpfs tmpfs /mnt && echo mounted || echo refused'
  expect((await inside(mount, { capAdd: ['SYS_ADMIN'] })).stdout).toBe('mounted\n')
  expect((await inside(mount)).stdout).toBe('refused\n')
})

test('a profile of one\'s own, in OCI\'s form and in Docker\'s', async () => {
  const refuse = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 } as const
  const oci = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [refuse] } as const
  expect((await inside('mkdir /tmp/x 2>&1 || true', { seccomp: oci })).stdout).toMatch(/No space left on device/)
  const docker = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ ...refuse, excludes: { caps: ['CAP_CHOWN'] } }] } as const
  expect((await inside('mkdir /tmp/x && echo made', { seccomp: docker })).stdout).toBe('made\n')
  expect((await inside('mkdir /tmp/x 2>&1 || true', { seccomp: docker, capDrop: ['CHOWN'] })).stdout).toMatch(/No space left on device/)
})

test('a profile that forbids the command itself is reported at its execve', async () => {
  await expect(inside('true', { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['execve'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }] } })).rejects.toMatchObject({ code: 'EACCES', syscall: 'execve' })
})

test('what is no profile is refused before anything runs', async () => {
  await expect(inside('true', { seccomp: { defaultAction: 'SCMP_ACT_NOSUCH' } as never })).rejects.toThrow(TypeError)
  await expect(inside('true', { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] } })).rejects.toThrow('nobody would answer them')
})

leavesNothing()
