import type { Instruction } from './instruction.ts'

/** A call as the kernel shows it to a filter: struct seccomp_data. */
export interface CallData {
  readonly number: number
  /** AUDIT_ARCH_ token. */
  readonly architecture: number
  readonly instructionPointer?: bigint
  /** Six at most; the others are 0. */
  readonly args?: readonly bigint[]
}

/** What a filter returned, and how many instructions it took. */
export interface Run {
  readonly returned: number
  readonly steps: number
}

const bytes = 64

/** struct seccomp_data's 64 bytes, little-endian as on both machines. */
export function callBytes({ number, architecture, instructionPointer = 0n, args = [] }: CallData): DataView {
  const view = new DataView(new ArrayBuffer(bytes))
  view.setUint32(0, number >>> 0, true)
  view.setUint32(4, architecture >>> 0, true)
  view.setBigUint64(8, instructionPointer, true)
  for (const [i, argument] of args.entries()) view.setBigUint64(16 + 8 * i, BigInt.asUintN(64, argument), true)
  return view
}

/**
 * Runs a filter on a call, as the kernel would: a virtual machine for what classic BPF seccomp admits.
 *
 * @throws RangeError an instruction that the kernel would not have admitted
 * @see bpf_check_classic in net/core/filter.c and seccomp_check_filter in kernel/seccomp.c
 */
export function run(instructions: readonly Instruction[], call: CallData | DataView): Run {
  const data = call instanceof DataView ? call : callBytes(call)
  const memory = new Uint32Array(16)
  let [a, x, pc, steps] = [0, 0, 0, 0]
  for (;;) {
    const instruction = instructions[pc]
    if (instruction === undefined) throw new RangeError(`Cannot run instruction ${pc}: there are ${instructions.length}`)
    const [code, jt, jf, k] = instruction
    pc++
    steps++
    const source = (code & 0x08) !== 0 ? x : k
    switch (code & 0x07) {
      case 0x00: case 0x01: {
        let loaded: number
        if (code === 0x20) {
          if (k % 4 !== 0 || k >= bytes) throw new RangeError(`Cannot load 32 bits at ${k}: struct seccomp_data has ${bytes} bytes`)
          loaded = data.getUint32(k, true)
        } else if ((code & 0xe0) === 0x60 && k < memory.length) loaded = memory[k]!
        else if ((code & 0xe0) === 0x00) loaded = k
        else if ((code & 0xe0) === 0x80) loaded = bytes
        else throw new RangeError(`Cannot run instruction ${pc - 1}: a filter may not have code 0x${code.toString(16)}`)
        if ((code & 0x07) === 0x00) a = loaded
        else x = loaded
        break
      }
      case 0x02: memory[k] = a; break
      case 0x03: memory[k] = x; break
      case 0x04: {
        const result = calculate(code & 0xf0, a, source)
        if (result === undefined) return { returned: 0, steps }
        a = result
        break
      }
      case 0x05: pc += (code & 0xf0) === 0 ? k : compares(code & 0xf0, a, source) ? jt : jf; break
      case 0x06: return { returned: (code & 0x18) === 0x10 ? a : k >>> 0, steps }
      case 0x07: if ((code & 0xf8) === 0x80) a = x; else x = a
    }
  }
}

/** Unsigned arithmetic of 32 bits; a division by zero ends the program with 0. */
function calculate(op: number, a: number, b: number): number | undefined {
  switch (op) {
    case 0x00: return (a + b) >>> 0
    case 0x10: return (a - b) >>> 0
    case 0x20: return Math.imul(a, b) >>> 0
    case 0x30: return b === 0 ? undefined : Math.floor(a / b)
    case 0x40: return (a | b) >>> 0
    case 0x50: return (a & b) >>> 0
    case 0x60: return b > 31 ? 0 : (a << b) >>> 0
    case 0x70: return b > 31 ? 0 : a >>> b
    case 0x80: return -a >>> 0
    case 0x90: return b === 0 ? undefined : a % b
    default: return (a ^ b) >>> 0
  }
}

function compares(op: number, a: number, b: number): boolean {
  return op === 0x10 ? a === b >>> 0 : op === 0x20 ? a > b >>> 0 : op === 0x30 ? a >= b >>> 0 : (a & b) !== 0
}
