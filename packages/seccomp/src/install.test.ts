import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { compile, install, type Profile } from './index.ts'

const profile: Profile = { defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_LOG'] }
const lines = (program: ReturnType<typeof install>) => explain(program, { why: false }).map((line) => line.replace(/\{len=\d+.*\}/, '{…}'))

test('one call', () => expect(lines(install(compile(profile, { machine: 'x64' })))).toEqual(['seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, {…})']))

test('with no_new_privs first', () => {
  expect(lines(install(compile(profile, { machine: 'x64' }), { noNewPrivs: true }))[0]).toBe('prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)')
})

test('with a listener', () => {
  const notify = compile({ defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_TSYNC'], syscalls: [{ names: ['mount'], action: 'SCMP_ACT_NOTIFY' }] }, { machine: 'x64' })
  const program = install(notify, { as: 'agent' })
  expect(lines(program)).toEqual(['seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC|SECCOMP_FILTER_FLAG_NEW_LISTENER|SECCOMP_FILTER_FLAG_TSYNC_ESRCH, {…})'])
  expect(program[0]!.as).toBe('agent')
})

test('nothing in it can be seen to fail', () => expect(check(install(compile(profile, { machine: 'arm64' }), { noNewPrivs: true }))).toEqual([]))
