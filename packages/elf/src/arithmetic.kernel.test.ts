import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { assembler, type Assembler } from './assembler.ts'
import { elf } from './elf.ts'
import type { Condition, Width } from './instructions.ts'
import type { Machine, Reg } from './registers.ts'

// Any program computes the same on every machine, and in a model that says what each instruction means.

const NR = { x64: { write: 1, exit: 60 }, arm64: { write: 64, exit: 93 } } as const // asm/unistd_64.h, asm-generic/unistd.h
const used: Reg[] = ['nr', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 's0', 's1', 's2', 's3', 's4', 't0', 't1'] // s5 is the memory
const memory = 4096
const dataAddress = 0x10000000

type State = { registers: Map<Reg, bigint>; memory: DataView }
interface Step {
  readonly write: (a: Assembler, index: number) => void
  readonly model: (state: State) => void
}

const word = (value: bigint): bigint => BigInt.asUintN(64, value)
const read = ({ registers }: State, operand: Reg | number): bigint => (typeof operand === 'number' ? word(BigInt(operand)) : registers.get(operand)!)

const reg = fc.constantFrom(...used)
const int32 = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -5000, max: 5000 }))
const any = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
const either = fc.oneof(reg, int32)

const operations = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  and: (a: bigint, b: bigint) => a & b,
  or: (a: bigint, b: bigint) => a | b,
  xor: (a: bigint, b: bigint) => a ^ b,
  shl: (a: bigint, b: bigint) => a << (b & 63n),
  shr: (a: bigint, b: bigint) => a >> (b & 63n),
}
const signed = (a: bigint): bigint => BigInt.asIntN(64, a)
const conditions: Record<Condition, (a: bigint, b: bigint) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => signed(a) < signed(b),
  le: (a, b) => signed(a) <= signed(b),
  gt: (a, b) => signed(a) > signed(b),
  ge: (a, b) => signed(a) >= signed(b),
  lo: (a, b) => a < b,
  ls: (a, b) => a <= b,
  hi: (a, b) => a > b,
  hs: (a, b) => a >= b,
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ dst: reg, src: fc.oneof(any, reg) }).map(({ dst, src }): Step => ({
    write: (a) => a.mov(dst, src),
    model: (state) => void state.registers.set(dst, typeof src === 'bigint' ? word(src) : read(state, src)),
  })),
  fc.record({ name: fc.constantFrom('add', 'sub', 'and', 'or', 'xor', 'shl', 'shr'), dst: reg, src: either }).map(({ name, dst, src }): Step => {
    const operand = typeof src === 'number' && name.startsWith('sh') ? src & 63 : src
    return {
      write: (a) => a[name](dst, operand),
      model: (state) => void state.registers.set(dst, word(operations[name](read(state, dst), read(state, operand)))),
    }
  }),
  reg.map((dst): Step => ({ write: (a) => a.neg(dst), model: (state) => void state.registers.set(dst, word(-read(state, dst))) })),
  fc.record({ store: reg, load: reg, width: fc.constantFrom<Width>(8, 16, 32, 64), at: fc.nat(memory - 8) }).map(({ store, load, width, at }): Step => ({
    write: (a) => {
      a.store('s5', at, store, width)
      a.load(load, 's5', at & ~1, 64)
    },
    model: (state) => {
      for (let i = 0; i < width / 8; i++) state.memory.setUint8(at + i, Number((read(state, store) >> BigInt(8 * i)) & 255n))
      state.registers.set(load, state.memory.getBigUint64(at & ~1, true))
    },
  })),
  fc.record({ condition: fc.constantFrom(...(Object.keys(conditions) as Condition[])), a: reg, b: either, changed: reg }).map(({ condition, a: left, b: right, changed }): Step => ({
    write: (a, index) => {
      a.branch(condition, left, right, `taken${index}`)
      a.add(changed, 1)
      a.label(`taken${index}`)
    },
    model: (state) => {
      if (!conditions[condition](read(state, left), read(state, right))) state.registers.set(changed, word(read(state, changed) + 1n))
    },
  })),
  fc.record({ changed: reg }).map(({ changed }): Step => ({
    write: (a, index) => {
      a.call(`routine${index}`)
      a.jump(`behind${index}`)
      a.label(`routine${index}`)
      a.xor(changed, -1)
      a.ret()
      a.label(`behind${index}`)
    },
    model: (state) => void state.registers.set(changed, word(~read(state, changed))),
  })),
)

/** All registers, and then the memory, after the steps. */
function expected(steps: readonly Step[]): Buffer {
  const state: State = { registers: new Map(used.map((name) => [name, 0n])), memory: new DataView(new ArrayBuffer(memory)) }
  for (const { model } of steps) model(state)
  const values = Buffer.alloc(8 * used.length)
  used.forEach((name, i) => values.writeBigUInt64LE(state.registers.get(name)!, 8 * i))
  return Buffer.concat([values, Buffer.from(state.memory.buffer)])
}

function program(machine: Machine, steps: readonly Step[]): Uint8Array {
  const a = assembler(machine)
  a.mov('s5', dataAddress + 8 * used.length)
  for (const name of used) a.mov(name, 0)
  steps.forEach(({ write }, index) => write(a, index))
  used.forEach((name, i) => a.store('s5', 8 * (i - used.length), name, 64))
  a.mov('nr', NR[machine].write)
  a.mov('a0', 1)
  a.mov('a1', dataAddress)
  a.mov('a2', 8 * used.length + memory)
  a.syscall()
  a.mov('nr', NR[machine].exit)
  a.mov('a0', 0)
  a.syscall()
  return elf({ machine, code: a.code(), dataAddress, zeroed: 8 * used.length + memory })
}

const folder = mkdtempSync(join(tmpdir(), 'elf-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

const emulator = 'qemu-aarch64-static'
describe.each(['x64', 'arm64'] as const)('%s', (machine) => {
  const native = process.arch === machine
  const reason = native ? false : machine !== 'arm64' ? `needs an ${machine} machine` : spawnSync(emulator, ['--version']).error ? `needs ${emulator}` : false

  test.skipIf(reason)(`any program computes what the model does${reason ? `: ${reason}` : ''}`, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 300, size: 'max' }), (steps) => {
        const file = join(folder, String(++files))
        writeFileSync(file, program(machine, steps), { mode: 0o755 })
        const { stdout } = native ? spawnSync(file) : spawnSync(emulator, [file])
        expect(stdout.equals(expected(steps))).toBe(true)
      }),
      { numRuns: native ? 200 : 60 },
    )
  })
})
