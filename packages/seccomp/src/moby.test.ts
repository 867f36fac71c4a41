import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compile, reduceMoby, type MobyProfile, type MobyRule } from './index.ts'

const facts = { capabilities: ['CAP_CHOWN'], machine: 'x64', kernel: '6.1.0-18-amd64' } as const
const names = (rules: readonly MobyRule[], more: Partial<Parameters<typeof reduceMoby>[1]> = {}) =>
  (reduceMoby({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: rules }, { ...facts, ...more }).syscalls ?? []).flatMap((rule) => rule.names)
const rule = (more: Partial<MobyRule>): MobyRule[] => [{ names: ['x'], action: 'SCMP_ACT_ALLOW', ...more }]

test.each<[string, Partial<MobyRule>, boolean]>([
  ['nothing asked', {}, true],
  ['one capability, there', { includes: { caps: ['CAP_CHOWN'] } }, true],
  ['two capabilities, one there', { includes: { caps: ['CAP_CHOWN', 'CAP_KILL'] } }, false],
  ['without two capabilities, one there', { excludes: { caps: ['CAP_KILL', 'CAP_CHOWN'] } }, false],
  ['without a capability, not there', { excludes: { caps: ['CAP_KILL'] } }, true],
  ['another architecture', { includes: { arches: ['arm64', 's390x'] } }, false],
  ['this architecture among others', { includes: { arches: ['arm64', 'amd64'] } }, true],
  ['not on this architecture', { excludes: { arches: ['amd64'] } }, false],
  ['an older kernel', { includes: { minKernel: '4.8' } }, true],
  ['the same kernel', { includes: { minKernel: '6.1' } }, true],
  ['a newer kernel', { includes: { minKernel: '6.10' } }, false],
  ['not from an older kernel on', { excludes: { minKernel: '4.8' } }, false],
  ['empty lists', { includes: { caps: [], arches: null }, excludes: {} }, true],
])('%s', (_what, more, counts) => expect(names(rule(more))).toEqual(counts ? ['x'] : []))

test('the older form with one name is taken, both forms are not', () => {
  expect(names([{ name: 'x', action: 'SCMP_ACT_ALLOW', args: [] }])).toEqual(['x'])
  expect(() => names([{ name: 'x', names: ['y'], action: 'SCMP_ACT_ALLOW' }])).toThrow(new TypeError('Cannot use a rule with both name "x" and names'))
})

test('architectures are those of the machine', () => {
  const archMap = [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }, { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: null }]
  const profile: MobyProfile = { defaultAction: 'SCMP_ACT_ERRNO', archMap }
  expect(reduceMoby(profile, facts).architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'])
  expect(reduceMoby(profile, { ...facts, machine: 'arm64' }).architectures).toEqual(['SCMP_ARCH_AARCH64'])
  expect(reduceMoby({ defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X32'] }, facts).architectures).toEqual(['SCMP_ARCH_X32'])
  expect(() => reduceMoby({ ...profile, architectures: ['SCMP_ARCH_X86'] }, facts)).toThrow(new TypeError('Cannot use a profile with both architectures and archMap'))
})

test('a version that is none is refused', () => expect(() => names(rule({ includes: { minKernel: 'six' } }))).toThrow(new TypeError('"six" is not a kernel version')))

const directory = new URL('../../../../shared/vectors/moby-seccomp/files/seccomp/', import.meta.url)

test.skipIf(!existsSync(directory))("Docker's profile and the fixtures of its tests (needs ../shared/vectors)", () => {
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as MobyProfile
  const allows = (profile: MobyProfile, name: string, capabilities: readonly string[]) => (reduceMoby(profile, { ...facts, capabilities }).syscalls ?? []).some((each) => each.action === 'SCMP_ACT_ALLOW' && !each.args && each.names.includes(name))
  const docker = read('default.json')
  for (const [name, capability] of [['mount', 'CAP_SYS_ADMIN'], ['reboot', 'CAP_SYS_BOOT'], ['bpf', 'CAP_BPF'], ['kcmp', 'CAP_SYS_PTRACE'], ['syslog', 'CAP_SYSLOG']] as const) {
    expect([allows(docker, name, []), allows(docker, name, [capability])]).toEqual([false, true])
  }
  expect(compile(reduceMoby(docker, facts), { machine: 'x64' }).unknown).toEqual(['riscv_hwprobe'])
  const conditional = read('fixtures/conditional_include.json')
  expect([allows(conditional, 'syslog', []), allows(conditional, 'syslog', ['CAP_SYSLOG']), allows(conditional, 'ptrace', []), allows(conditional, 'ptrace', ['CAP_SYS_ADMIN'])]).toEqual([false, true, true, false])
  for (const name of ['fixtures/default-old-format.json', 'fixtures/example.json']) expect(compile(reduceMoby(read(name), facts), { machine: 'x64' }).instructions.length).toBeGreaterThan(10)
})
