import type { Condition, Instructions, Operation, Shift, Width } from './instructions.ts'
import { registers, type Reg } from './registers.ts'
import type { Patch, Stream } from './stream.ts'

// References are to the Arm Architecture Reference Manual for A-profile (DDI 0487), chapter C6: instructions by name.

/** Register operations, 64-bit forms "(shifted register)": ADD, SUB, AND, ORR, EOR, SUBS (its alias is CMP). */
const operations: Readonly<Record<Operation | 'subs', number>> = {
  add: 0x8b000000,
  sub: 0xcb000000,
  and: 0x8a000000,
  or: 0xaa000000,
  xor: 0xca000000,
  subs: 0xeb000000,
}

/** Twelve-bit immediates, "(immediate)": ADD, SUB, ADDS (CMN), SUBS (CMP). Bit 22 shifts the immediate by 12. */
const immediates = { add: 0x91000000, sub: 0xd1000000, adds: 0xb1000000, subs: 0xf1000000 }

/** What a negative immediate turns an operation into. */
const opposite = { add: 'sub', sub: 'add', subs: 'adds' } as const

/** LSLV and LSRV. */
const shifts: Readonly<Record<Shift, number>> = { shl: 0x9ac02000, shr: 0x9ac02400 }

/** Condition codes, section C1.2.4. */
const conditions: Readonly<Record<Condition, number>> = {
  eq: 0x0, ne: 0x1, hs: 0x2, lo: 0x3, hi: 0x8, ls: 0x9, ge: 0xa, lt: 0xb, gt: 0xc, le: 0xd,
}

/** Bits 31:30 of a load or store, and the number of low zero bits of a scaled offset. */
const sizes: Readonly<Record<Width, number>> = { 8: 0, 16: 1, 32: 2, 64: 3 }

/** LDR and STR with an "(unsigned offset)", with an unscaled one (LDUR, STUR), and with a "(register)", before the size. */
const accesses = {
  load: { scaled: 0x39400000, unscaled: 0x38400000, register: 0x38606800 },
  store: { scaled: 0x39000000, unscaled: 0x38000000, register: 0x38206800 },
}

const number = registers.arm64
const sp = 31
const xzr = 31
/** IP0, the scratch register between calls (AAPCS64, section 6.1.1): it has no portable name. */
const scratch = 16
const link = 30

/** A distance in words, written into `bits` bits from bit `low` upwards. */
const words = (bits: number, low: number): Patch => (code, at, distance) => {
  const value = distance / 4
  const mask = 2 ** bits - 1
  code.setUint32(at, code.getUint32(at, true) | ((value & mask) << low), true)
  return Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
}

/** The instruction encoder for arm64. */
export function arm64(out: Stream): Instructions {
  const bytes = (word: number): number[] => [word & 255, (word >> 8) & 255, (word >> 16) & 255, (word >>> 24) & 255]
  const put = (word: number): void => out.put(bytes(word))
  const refer = (word: number, label: string, patch: Patch): void => out.refer(bytes(word), label, patch)

  /** MOVZ or MOVN for the first 16 bits that need it, MOVK for the others. */
  const constant = (rd: number, value: bigint): void => {
    const parts = [0n, 16n, 32n, 48n].map((at) => Number((value >> at) & 0xffffn))
    const count = (part: number): number => parts.filter((other) => other === part).length
    const inverted = count(0xffff) > count(0)
    const filling = inverted ? 0xffff : 0
    const needed = parts.map((part, hw) => ({ part, hw })).filter(({ part }) => part !== filling)
    const [first = { part: filling, hw: 0 }, ...rest] = needed
    const first16 = inverted ? first.part ^ 0xffff : first.part
    put((inverted ? 0x92800000 : 0xd2800000) | (first.hw << 21) | (first16 << 5) | rd)
    for (const { part, hw } of rest) put(0xf2800000 | (hw << 21) | (part << 5) | rd)
  }

  const signed = (rd: number, value: number): void => constant(rd, BigInt.asUintN(64, BigInt(value)))

  /** rd = rn op immediate, through the scratch register where no immediate form holds it. */
  const immediate = (name: Operation | 'subs', rd: number, rn: number, value: number): void => {
    if (name === 'add' || name === 'sub' || name === 'subs') {
      const word = immediates[value < 0 ? opposite[name] : name]
      const size = Math.abs(value)
      if (size < 4096) return put(word | (size << 10) | (rn << 5) | rd)
      if (size % 4096 === 0 && size < 2 ** 24) return put(word | (1 << 22) | ((size / 4096) << 10) | (rn << 5) | rd)
    }
    signed(scratch, value)
    register(name, rd, rn, scratch)
  }

  const register = (name: Operation | 'subs', rd: number, rn: number, rm: number): void => {
    // 31 is xzr in the shifted-register form, and sp in the "(extended register)" one (bit 21, option UXTX).
    const extended = rd === sp && name !== 'subs' ? 0x00206000 : 0
    put(operations[name] | extended | (rm << 16) | (rn << 5) | rd)
  }

  const access = (kind: keyof typeof accesses, rt: number, rn: number, offset: number, width: Width): void => {
    const { scaled, unscaled, register: indexed } = accesses[kind]
    const size = sizes[width]
    const operands = (size << 30) | (rn << 5) | rt
    const units = offset / 2 ** size
    if (Number.isInteger(units) && units >= 0 && units < 4096) return put(scaled | operands | (units << 10))
    if (offset >= -256 && offset < 256) return put(unscaled | operands | ((offset & 0x1ff) << 12))
    signed(scratch, offset)
    put(indexed | operands | (scratch << 16))
  }

  const value = (name: Operation | 'subs', rd: number, rn: number, src: Reg | number): void =>
    typeof src === 'string' ? register(name, rd, rn, number[src]) : immediate(name, rd, rn, src)

  return {
    alignment: 4,
    nop: bytes(0xd503201f),

    copy(dst, src) {
      // MOV (to/from SP) is ADD #0; MOV (register) is ORR with xzr.
      if (dst === 'sp' || src === 'sp') put(immediates.add | (number[src] << 5) | number[dst])
      else register('or', number[dst], xzr, number[src])
    },

    constant: (dst, bits) => constant(number[dst], bits),
    load: (dst, base, offset, width) => access('load', number[dst], number[base], offset, width),
    store: (base, offset, src, width) => access('store', number[src], number[base], offset, width),
    operate: (name, dst, src) => value(name, number[dst], number[dst], src),

    shift(name, dst, src) {
      const rd = number[dst]
      if (typeof src === 'string') return put(shifts[name] | (number[src] << 16) | (rd << 5) | rd)
      // LSL and LSR (immediate) are UBFM with immr and imms.
      const [immr, imms] = name === 'shl' ? [(64 - src) & 63, 63 - src] : [src, 63]
      put(0xd3400000 | (immr << 16) | (imms << 10) | (rd << 5) | rd)
    },

    neg: (dst) => register('sub', number[dst], xzr, number[dst]),
    compare: (a, b) => value('subs', xzr, number[a], b),
    jumpIf: (condition, label) => refer(0x54000000 | conditions[condition], label, words(19, 5)),
    jump: (label) => refer(0x14000000, label, words(26, 0)),

    call(label) {
      // BL overwrites x30: the caller keeps its own on the stack, 16 bytes so that sp stays aligned.
      put(0xf8000c00 | ((-16 & 0x1ff) << 12) | (sp << 5) | link) // STR x30, [sp, #-16]!
      refer(0x94000000, label, words(26, 0))
      put(0xf8400400 | (16 << 12) | (sp << 5) | link) // LDR x30, [sp], #16
    },

    ret: () => put(0xd65f03c0),
    syscall: () => put(0xd4000001), // SVC #0

    address(dst, label) {
      // ADR: 21 bits of bytes, the low two of them in bits 30:29.
      refer(0x10000000 | number[dst], label, (code, at, distance) => {
        const word = code.getUint32(at, true) | ((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5)
        code.setUint32(at, word, true)
        return distance >= -(2 ** 20) && distance < 2 ** 20
      })
    },
  }
}
