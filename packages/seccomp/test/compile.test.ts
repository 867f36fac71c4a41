import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { architectures, compile, decide, run, type ArgumentCondition, type Profile } from '../src/index.ts'
import { nameOf, numbersOf } from '../src/architecture.ts'
import { argumentsFor, edges, hasVectors, moby, profiles, runc } from './profiles.ts'
import { reading } from './reading.ts'

// Long enough for a machine with other things to do.
vi.setConfig({ testTimeout: 60_000 })

const tokens = { x64: [0xc000003e, 0xc00000b7, 0], arm64: [0xc00000b7, 0x40000028, 0xc000003e] } as const
const machines = ['x64', 'arm64'] as const
const near = (numbers: Iterable<number>) => [...new Set([...numbers].flatMap((number) => [number - 1, number, number + 1]))].map((number) => number >>> 0)
const interesting = near([...Object.values(architectures).flatMap((each) => ['read', 'fchmodat2', 'personality', 'clone', 'execve', 'rt_sigaction'].map((name) => numbersOf(each).find((n) => nameOf(n, each) === name) ?? 0)), 0x40000000, 0xffffffff, 0x80000000])

test('every call is decided as the profile reads (random profiles)', () => {
  fc.assert(fc.property(profiles, fc.constantFrom(...machines), (profile, machine) => {
    const { instructions } = compile(profile, { machine })
    const wanted = reading(profile, machine)
    const named = Object.values(architectures).flatMap((each) => (profile.syscalls ?? []).flatMap(({ names }) => names.map((name) => numbersOf(each).find((n) => nameOf(n, each) === name) ?? 0)))
    for (const token of tokens[machine]) for (const number of new Set([...named, ...interesting.slice(0, 12), 0xffffffff])) for (const args of argumentsFor(profile).slice(0, 16)) {
      const got = run(instructions, { number, architecture: token, args }).returned
      if (got !== wanted(token, number, args)) expect({ token, number, args, got }).toEqual({ token, number, args, got: wanted(token, number, args) })
    }
  }), { numRuns: 80 })
})

test('every operator at every edge of both halves, for both widths', () => {
  const ops = ['SCMP_CMP_NE', 'SCMP_CMP_LT', 'SCMP_CMP_LE', 'SCMP_CMP_EQ', 'SCMP_CMP_GE', 'SCMP_CMP_GT', 'SCMP_CMP_MASKED_EQ'] as const
  for (const op of ops) for (const value of edges) for (const valueTwo of op === 'SCMP_CMP_MASKED_EQ' ? edges : [0n]) {
    const profile: Profile = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X32'], syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', args: [{ index: 3, op, value, valueTwo }] }] }
    const { instructions } = compile(profile, { machine: 'x64' })
    const wanted = reading(profile, 'x64')
    for (const number of [0, 0x40000000]) for (const edge of edges) for (const argument of [edge - 1n, edge, edge + 1n].map((each) => BigInt.asUintN(64, each))) {
      const args = [0n, 0n, 0n, argument, 0n, 0n]
      expect(run(instructions, { number, architecture: 0xc000003e, args }).returned).toBe(wanted(0xc000003e, number, args))
    }
  }
})

test.skipIf(!hasVectors)("every number of Docker's and runc's profiles is decided as they read (needs ../shared/vectors)", () => {
  for (const profile of [moby(), moby(['CAP_SYS_ADMIN', 'CAP_SYS_PTRACE']), moby([]), runc(1), runc(2)]) {
    const { instructions } = compile(profile, { machine: 'x64' })
    const wanted = reading(profile, 'x64')
    const numbers = [...Array.from({ length: 700 }, (_, i) => i), ...Array.from({ length: 700 }, (_, i) => 0x40000000 + i), 0x3fffffff, 0x7fffffff, 0x80000000, 0xffffffff]
    const decided = new Set((profile.syscalls ?? []).filter(({ args }) => args?.length).flatMap(({ names }) => names))
    for (const number of numbers) {
      const name = nameOf(number, architectures.SCMP_ARCH_X86_64) ?? nameOf(number, architectures.SCMP_ARCH_X32)
      for (const args of name !== undefined && decided.has(name) ? argumentsFor(profile) : [[0n, 0n, 0n, 0n, 0n, 0n]]) {
        const got = run(instructions, { number, architecture: 0xc000003e, args }).returned
        if (got !== wanted(0xc000003e, number, args)) expect({ number, args, got }).toEqual({ number, args, got: wanted(0xc000003e, number, args) })
      }
    }
  }
})

test('what decide says is what the filter returns, through socketcall too', () => {
  fc.assert(fc.property(profiles, (profile) => {
    const { instructions } = compile(profile, { machine: 'x64' })
    const { token } = architectures.SCMP_ARCH_X86
    if (!profile.architectures?.includes('SCMP_ARCH_X86')) return
    for (const call of ['socketcall', 'ipc', 'read', 'clone', 'chown32'] as const) for (const first of [0n, 1n, 2n, 5n, 23n]) for (const args of argumentsFor(profile).slice(0, 12)) {
      const { returned } = decide(profile, { call, args: [first, ...args.slice(1)], architecture: 'SCMP_ARCH_X86' }, { machine: 'x64' })
      const number = numbersOf(architectures.SCMP_ARCH_X86).find((each) => nameOf(each, architectures.SCMP_ARCH_X86) === call)!
      expect(run(instructions, { number, architecture: token, args: [first, ...args.slice(1)] }).returned).toBe(returned)
    }
  }), { numRuns: 60 })
})

const socket = (conditions: readonly ArgumentCondition[], action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO', defaultAction: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO'): Profile =>
  ({ defaultAction, architectures: ['SCMP_ARCH_X86'], syscalls: [{ names: ['socket'], action, args: conditions }] })

test('through socketcall, where no filter sees the arguments, the strictest answer counts', () => {
  const one: ArgumentCondition = { index: 0, op: 'SCMP_CMP_EQ', value: 38 }
  const asked = (profile: Profile) => run(compile(profile, { machine: 'x64' }).instructions, { number: 102, architecture: 0x40000003, args: [1n, 0n] }).returned
  expect(asked(socket([one], 'SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'))).toBe(0x50001)
  expect(asked(socket([one], 'SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW'))).toBe(0x50001)
  expect(asked(socket([], 'SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'))).toBe(0x7fff0000)
})

test('what is made through ipc is known where ipc is, and calls below it are refused, not unknown', () => {
  const profile: Profile = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86'], syscalls: [{ names: ['read', 'semop'], action: 'SCMP_ACT_ALLOW' }] }
  const filter = compile(profile, { machine: 'x64' }).instructions
  const returned = (number: number, first: bigint) => run(filter, { number, architecture: architectures.SCMP_ARCH_X86.token, args: [first] }).returned
  // ipc(SEMOP), ipc(SHMAT), open, socketcall, and the first call above ipc
  expect([returned(117, 1n), returned(117, 21n), returned(5, 0n), returned(102, 1n), returned(118, 0n)]).toEqual([0x7fff0000, 0x50001, 0x50001, 0x50001, 0x50026])
  expect(decide(profile, { call: 'socketcall', args: [1], architecture: 'SCMP_ARCH_X86' }, { machine: 'x64' }).returned).toBe(0x50001)
})

test('jumps that are too long are carried on', () => {
  const args = Array.from({ length: 200 }, (_, i): ArgumentCondition => ({ index: 0, op: 'SCMP_CMP_EQ', value: 3 * i + 1000 }))
  const others = Array.from({ length: 200 }, (_, i): ArgumentCondition => ({ index: 1, op: 'SCMP_CMP_MASKED_EQ', value: 0x100000000n + BigInt(i * 8 + 7), valueTwo: 5 }))
  const profile: Profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read', 'openat'], action: 'SCMP_ACT_ALLOW', args }, { names: ['openat', 'write'], action: 'SCMP_ACT_LOG', args: others }] }
  const { instructions } = compile(profile, { machine: 'x64' })
  expect(instructions.length).toBeGreaterThan(1000)
  const wanted = reading(profile, 'x64')
  for (let i = 0; i < 1000; i++) for (const number of [0, 1, 257]) {
    const given = [BigInt(995 + i), BigInt(i * 3), 0n, 0n, 0n, 0n]
    expect(run(instructions, { number, architecture: 0xc000003e, args: given }).returned).toBe(wanted(0xc000003e, number, given))
  }
})

test('no jump is longer than its 8 bits, however long the filter', () => {
  // One instruction a condition, as it is the same 32 bits each time.
  for (let n = 245; n < 265; n++) {
    const args = Array.from({ length: n }, (_, i): ArgumentCondition => ({ index: 1, op: 'SCMP_CMP_EQ', value: 7 * i + 1 }))
    const { instructions } = compile({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['ioctl'], action: 'SCMP_ACT_ALLOW', args }, { names: ['lseek'], action: 'SCMP_ACT_TRAP' }] }, { machine: 'x64' })
    for (const [, jt, jf] of instructions) expect(Math.max(jt, jf)).toBeLessThanOrEqual(255)
  }
})

test('a filter that the kernel would not take is refused', () => {
  const args = Array.from({ length: 2100 }, (_, i): ArgumentCondition => ({ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: i * 64 + 63, valueTwo: 21 }))
  expect(() => compile({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', args }] }, { machine: 'x64' })).toThrow(/^Cannot install a filter of \d+ instructions: the kernel takes 4096$/)
})

test('many conditions on several arguments do not multiply', () => {
  const syscalls = Array.from({ length: 100 }, (_, i) => ({ names: ['read'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_EQ', value: i }, { index: 1, op: 'SCMP_CMP_EQ', value: i * i }, { index: 2, op: 'SCMP_CMP_LT', value: i }] }) as const)
  const { instructions } = compile({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }, { machine: 'x64' })
  expect(instructions.length).toBeLessThan(2500)
})

test('what the kernel checks before it takes a filter holds: every jump stays inside, the last one returns', () => {
  fc.assert(fc.property(profiles, (profile) => {
    const { instructions } = compile(profile, { machine: 'x64' })
    for (const [at, [code, jt, jf, k]] of instructions.entries()) {
      if ((code & 7) === 5) expect(at + 1 + (code === 5 ? k : Math.max(jt, jf))).toBeLessThan(instructions.length)
      expect([0x20, 0x54, 0x05, 0x06, 0x15, 0x25, 0x35, 0x45]).toContain(code)
    }
    expect(instructions.at(-1)![0]).toBe(6)
  }))
})

test('names that nothing has are told', () => {
  const profile: Profile = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read', 'no_such_call', 'send', 'breakpoint', 'constructor'], action: 'SCMP_ACT_ALLOW' }] }
  expect(compile(profile, { machine: 'x64' }).unknown).toEqual(['no_such_call', 'constructor'])
})

