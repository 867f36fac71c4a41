/** Profiles to try: random ones that get into every corner of the compiler, and real ones where they are there. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { capabilitiesOfDocker } from './docker.ts'
import { reduceMoby, type ArgumentCondition, type MobyProfile, type Profile, type Rule } from '../src/index.ts'

export const vectors = fileURLToPath(new URL('../../../../shared/vectors/', import.meta.url))
export const hasVectors = existsSync(`${vectors}moby-seccomp`)

const json = (path: string) => JSON.parse(readFileSync(`${vectors}${path}`, 'utf8'))
export const moby = (capabilities: readonly string[] = capabilitiesOfDocker): Profile =>
  reduceMoby(json('moby-seccomp/files/seccomp/default.json') as MobyProfile, { capabilities, machine: 'x64', kernel: '6.18.0' })
export const runc = (n: 1 | 2): Profile => json(`runc-seccomp/files/tests/integration/testdata/seccomp_syscall_test${n}.json`) as Profile

const names = ['read', 'write', 'openat', 'clone', 'socket', 'personality', 'ioctl', 'execve', 'chown32', 'waitpid', 'semop', 'rt_sigaction', 'mmap2', 'fchmodat2', 'breakpoint', 'no_such_call']
/** Values where a comparison of halves can go wrong. */
export const edges = [0n, 1n, 5n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, 0x100000005n, 0x80000000_00000000n, 0xffffffff_00000000n, 0xffffffff_ffffffffn]

const condition: fc.Arbitrary<ArgumentCondition> = fc.record({
  index: fc.integer({ min: 0, max: 5 }),
  op: fc.constantFrom('SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ'),
  value: fc.constantFrom(...edges), valueTwo: fc.constantFrom(...edges),
})
const action = fc.constantFrom(...(['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'] as const))
const rule: fc.Arbitrary<Rule> = fc.record({ names: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }), action, args: fc.array(condition, { maxLength: 3 }) })

export const profiles: fc.Arbitrary<Profile> = fc.record({
  defaultAction: action, syscalls: fc.array(rule, { maxLength: 12 }),
  architectures: fc.subarray(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM', 'SCMP_ARCH_S390X']),
})

/** The arguments that the conditions are about, below, at and above each value, and random ones. */
export function argumentsFor(profile: Profile): bigint[][] {
  const values = [...new Set((profile.syscalls ?? []).flatMap(({ args }) => (args ?? []).flatMap(({ value, valueTwo }) => [BigInt(value), BigInt(valueTwo ?? 0)])))]
  const around = [...new Set([0n, ...values.flatMap((value) => [value - 1n, value, value + 1n, value ^ (1n << 32n)])].map((value) => BigInt.asUintN(64, value)))]
  const spread = around.map((value, i) => Array.from({ length: 6 }, (_, j) => (j === i % 6 ? value : around[(i * 7 + j * 5) % around.length]!)))
  return [...around.map((value) => Array<bigint>(6).fill(value)), ...spread]
}
