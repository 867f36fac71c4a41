import type { EbpfInstruction } from '@ctr/syscall'

/** What a device program is asked: the words of struct bpf_cgroup_dev_ctx (linux/bpf.h). */
export interface DeviceContext {
  readonly access_type: number
  readonly major: number
  readonly minor: number
}

/**
 * Runs an eBPF program as the kernel would, instruction by instruction (Documentation/bpf/standardization/instruction-set.rst), as far as
 * programs for devices go: 64-bit arithmetic, loads of the context, jumps. Anything else, a jump out of the program, a read of a register
 * that holds nothing, and a result that is not set are errors, as they are for the verifier.
 */
export function runEbpf(program: readonly EbpfInstruction[], context: DeviceContext): number {
  const registers: (bigint | 'context' | undefined)[] = Array(11).fill(undefined)
  registers[1] = 'context'
  const fields: Readonly<Record<number, number>> = { 0: context.access_type, 4: context.major, 8: context.minor }
  const value = (index: number): bigint => {
    const found = registers[index]
    if (typeof found !== 'bigint') throw new Error(`r${index} is ${found === undefined ? 'not set' : 'a pointer'}`)
    return found
  }
  for (let at = 0, steps = 0; ; at++, steps++) {
    const instruction = program[at]
    if (!instruction || steps > program.length) throw new Error(`no instruction ${at} after ${steps} steps`)
    const [code, dst, src, off, imm] = instruction
    const [kind, immediate] = [code & 7, BigInt.asUintN(64, BigInt(imm))]
    const operand = () => (code & 8 ? value(src) : immediate)
    if (kind === 1) {
      const field = fields[off]
      if (code !== 0x61 || registers[src] !== 'context' || field === undefined) throw new Error(`cannot load ${JSON.stringify(instruction)}`)
      registers[dst] = BigInt(field)
    } else if (kind === 7) {
      const operations: Readonly<Record<number, () => bigint>> = { 0xb0: operand, 0x50: () => value(dst) & operand(), 0x70: () => value(dst) >> operand() }
      const operation = operations[code & 0xf0]
      if (!operation) throw new Error(`cannot compute ${JSON.stringify(instruction)}`)
      registers[dst] = BigInt.asUintN(64, operation())
    } else if (kind === 5) {
      if (code === 0x95) return Number(value(0))
      const conditions: Readonly<Record<number, () => boolean>> = { 0x00: () => true, 0x10: () => value(dst) === operand(), 0x50: () => value(dst) !== operand(), 0x40: () => (value(dst) & operand()) !== 0n }
      const condition = conditions[code & 0xf0]
      if (!condition) throw new Error(`cannot jump ${JSON.stringify(instruction)}`)
      if (at + 1 + off <= at) throw new Error(`a jump back at ${at}`)
      if (condition()) at += off
    } else throw new Error(`cannot run ${JSON.stringify(instruction)}`)
  }
}
