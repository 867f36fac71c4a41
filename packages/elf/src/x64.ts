import type { Condition, Instructions, Operation, Shift, Width } from './instructions.ts'
import { registers, type Reg } from './registers.ts'
import type { Stream } from './stream.ts'

// References are to the Intel 64 and IA-32 Architectures Software Developer's Manual (SDM), volume 2.

// Opcode of "op r/m64, r64", and the /digit of "op r/m64, imm" (opcodes 81 and 83). SDM: ADD, OR, AND, SUB, XOR, CMP.
const operations: Readonly<Record<Operation | 'cmp', { opcode: number; digit: number }>> = {
  add: { opcode: 0x01, digit: 0 },
  or: { opcode: 0x09, digit: 1 },
  and: { opcode: 0x21, digit: 4 },
  sub: { opcode: 0x29, digit: 5 },
  xor: { opcode: 0x31, digit: 6 },
  cmp: { opcode: 0x39, digit: 7 },
}

// The /digit of C1 (by imm8) and D3 (by CL). SDM: SAL/SAR/SHL/SHR.
const shifts: Readonly<Record<Shift, number>> = { shl: 4, shr: 5 }

// Low four bits of Jcc's opcode 0F 8x. SDM appendix B, table B-10.
const conditions: Readonly<Record<Condition, number>> = {
  lo: 0x2, hs: 0x3, eq: 0x4, ne: 0x5, ls: 0x6, hi: 0x7, lt: 0xc, ge: 0xd, le: 0xe, gt: 0xf,
}

// Zero-extending loads, SDM: MOVZX and MOV. A 32-bit destination clears the upper half (volume 1, section 3.4.1.1).
const loads: Readonly<Record<Width, { wide: boolean; opcode: number[] }>> = {
  8: { wide: false, opcode: [0x0f, 0xb6] },
  16: { wide: false, opcode: [0x0f, 0xb7] },
  32: { wide: false, opcode: [0x8b] },
  64: { wide: true, opcode: [0x8b] },
}

// SDM: MOV. 66 is the operand-size prefix (section 2.1.1).
const stores: Readonly<Record<Width, { prefix: number[]; wide: boolean; opcode: number[] }>> = {
  8: { prefix: [], wide: false, opcode: [0x88] },
  16: { prefix: [0x66], wide: false, opcode: [0x89] },
  32: { prefix: [], wide: false, opcode: [0x89] },
  64: { prefix: [], wide: true, opcode: [0x89] },
}

const number = registers.x64
const rcx = number.t0

/** REX, where it says something (section 2.2.1): 64 bits wide, and the fourth bits of the register numbers. */
function rex(wide: boolean, reg: number, rm: number): number[] {
  const prefix = 0x40 | (wide ? 8 : 0) | ((reg >> 3) << 2) | (rm >> 3)
  return prefix === 0x40 ? [] : [prefix]
}

/** ModRM with two registers (section 2.1.3). */
const both = (reg: number, rm: number): number => 0xc0 | ((reg & 7) << 3) | (rm & 7)

const imm8 = (value: number): boolean => value >= -128 && value <= 127
const le32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255]

/** ModRM, SIB and displacement for [base + offset] (tables 2-2 and 2-3). */
function memory(reg: number, base: number, offset: number): number[] {
  // rm 4 means "a SIB byte follows": rsp and r12 are spelled through it, without an index.
  const sib = (base & 7) === 4 ? [0x24] : []
  // mod 0 with rm 5 means [rip + disp32]: rbp and r13 always carry a displacement.
  if (offset === 0 && (base & 7) !== 5) return [((reg & 7) << 3) | (base & 7), ...sib]
  if (imm8(offset)) return [0x40 | ((reg & 7) << 3) | (base & 7), ...sib, offset & 255]
  return [0x80 | ((reg & 7) << 3) | (base & 7), ...sib, ...le32(offset)]
}

/** The instruction encoder for x86-64. All sixteen registers have portable names, so nothing needs a scratch register. */
export function x64(out: Stream): Instructions {
  /** An opcode followed by a 32-bit distance, counted from the end of the instruction. */
  const relative = (opcode: number[], label: string): void =>
    out.refer([...opcode, 0, 0, 0, 0], label, (code, at, distance) => {
      const fromEnd = distance - opcode.length - 4
      code.setInt32(at + opcode.length, fromEnd, true)
      return fromEnd === (fromEnd | 0)
    })

  const arithmetic = (name: Operation | 'cmp', dst: Reg, src: Reg | number): void => {
    const { opcode, digit } = operations[name]
    const rm = number[dst]
    if (typeof src === 'string') out.put([...rex(true, number[src], rm), opcode, both(number[src], rm)])
    else if (imm8(src)) out.put([...rex(true, 0, rm), 0x83, both(digit, rm), src & 255])
    else out.put([...rex(true, 0, rm), 0x81, both(digit, rm), ...le32(src)])
  }

  return {
    alignment: 1,
    nop: [0x90],

    copy(dst, src) {
      out.put([...rex(true, number[src], number[dst]), 0x89, both(number[src], number[dst])])
    },

    constant(dst, value) {
      const rm = number[dst]
      const low = Number(BigInt.asIntN(32, value))
      if (value === BigInt.asUintN(32, value)) out.put([...rex(false, 0, rm), 0xb8 | (rm & 7), ...le32(low)])
      else if (BigInt.asIntN(64, value) === BigInt(low)) out.put([...rex(true, 0, rm), 0xc7, both(0, rm), ...le32(low)])
      else out.put([...rex(true, 0, rm), 0xb8 | (rm & 7), ...le32(low), ...le32(Number(BigInt.asIntN(32, value >> 32n)))])
    },

    load(dst, base, offset, width) {
      const { wide, opcode } = loads[width]
      out.put([...rex(wide, number[dst], number[base]), ...opcode, ...memory(number[dst], number[base], offset)])
    },

    store(base, offset, src, width) {
      const { prefix, wide, opcode } = stores[width]
      const extended = rex(wide, number[src], number[base])
      // Without any REX, the byte registers 4 to 7 are ah, ch, dh and bh; with an empty one, spl, bpl, sil and dil.
      if (width === 8 && number[src] >= 4 && extended.length === 0) extended.push(0x40)
      out.put([...prefix, ...extended, ...opcode, ...memory(number[src], number[base], offset)])
    },

    operate: arithmetic,

    shift(name, dst, src) {
      const rm = number[dst]
      if (typeof src === 'number') return out.put([...rex(true, 0, rm), 0xc1, both(shifts[name], rm), src])
      // The count is always in cl: exchange rcx with the count's register around the shift, wherever that puts dst.
      const count = number[src]
      const moved = rm === rcx ? count : rm === count ? rcx : rm
      const exchange = count === rcx ? [] : [...rex(true, count, rcx), 0x87, both(count, rcx)]
      out.put([...exchange, ...rex(true, 0, moved), 0xd3, both(shifts[name], moved), ...exchange])
    },

    neg(dst) {
      out.put([...rex(true, 0, number[dst]), 0xf7, both(3, number[dst])])
    },

    compare: (a, b) => arithmetic('cmp', a, b),
    jumpIf: (condition, label) => relative([0x0f, 0x80 | conditions[condition]], label),
    jump: (label) => relative([0xe9], label),
    call: (label) => relative([0xe8], label),
    ret: () => out.put([0xc3]),
    syscall: () => out.put([0x0f, 0x05]),
    // LEA r64, [rip + disp32]: mod 0, rm 5.
    address: (dst, label) => relative([...rex(true, number[dst], 0), 0x8d, ((number[dst] & 7) << 3) | 5], label),
  }
}
