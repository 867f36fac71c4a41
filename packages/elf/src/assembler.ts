import { arm64 } from './arm64.ts'
import { checkCondition, checkImmediate, checkName, checkOffset, checkRegister, checkShift, checkWidth, checkWord } from './operands.ts'
import type { Condition, Instructions, Operation, Shift, Width } from './instructions.ts'
import { registers, type Machine, type Reg } from './registers.ts'
import { stream, type Stream } from './stream.ts'
import { x64 } from './x64.ts'

const machines: Readonly<Record<Machine, (out: Stream) => Instructions>> = { x64, arm64 }

/**
 * A program, written once in instructions that every machine has. Values are 64 bits wide.
 *
 * `sp` is an operand of `mov`, `add` and `sub`, and the base of `load` and `store`; nothing else takes it. Small
 * immediates are 32-bit signed, extended to 64: a larger one goes through `mov` into a register.
 */
export interface Assembler {
  /** The machine that the code is for. */
  readonly machine: Machine
  /** Names this place. @throws {Error} when the name is taken */
  label(name: string): void
  /** dst = src; a number or bigint may be any 64-bit value, signed or unsigned. */
  mov(dst: Reg, src: Reg | number | bigint): void
  /** dst = the `width` bits at base + offset, extended with zeros. */
  load(dst: Reg, base: Reg, offset: number, width: Width): void
  /** The `width` bits at base + offset = the low bits of src. */
  store(base: Reg, offset: number, src: Reg, width: Width): void
  /** dst += src */
  add(dst: Reg, src: Reg | number): void
  /** dst -= src */
  sub(dst: Reg, src: Reg | number): void
  /** dst &= src */
  and(dst: Reg, src: Reg | number): void
  /** dst |= src */
  or(dst: Reg, src: Reg | number): void
  /** dst ^= src */
  xor(dst: Reg, src: Reg | number): void
  /** dst <<= src, of which the low six bits count */
  shl(dst: Reg, src: Reg | number): void
  /** dst >>>= src, of which the low six bits count; zeros come in */
  shr(dst: Reg, src: Reg | number): void
  /** dst = -dst */
  neg(dst: Reg): void
  /** Goes on at the label. */
  jump(label: string): void
  /** Goes on at the label if `a condition b` is true. */
  branch(condition: Condition, a: Reg, b: Reg | number, label: string): void
  /** Runs the routine at the label, up to its `ret`. Nests; the routine sees `sp` 8 (x64) or 16 (arm64) bytes lower. */
  call(label: string): void
  /** Returns to behind the call. */
  ret(): void
  /** Makes the system call `nr(a0, …, a5)`. Afterwards `result` is set; `nr`, `a0`, `t0` and `t1` are lost, the rest is kept. */
  syscall(): void
  /** dst = the address of the label, wherever the code is loaded. */
  address(dst: Reg, label: string): void
  /** Puts data into the stream. */
  bytes(data: Uint8Array): void
  /** Fills up to a multiple of n bytes from the start of the code; falling through the filling does nothing. */
  align(n: number): void
  /** The machine code. @throws {Error} when a label is used but not defined @throws {RangeError} when one is out of reach */
  code(): Uint8Array
}

/**
 * Starts an empty program for a machine.
 *
 * @param machine the processor, as `process.arch` names it
 * @returns an assembler; its methods append one instruction each
 * @throws {TypeError} when the machine, or later a register, label or width, is not one
 * @throws {RangeError} when an immediate or an offset does not fit on every machine
 *
 * @example
 * ```ts
 * import { assembler, elf } from '@ctr/elf'
 *
 * const a = assembler('x64')
 * a.mov('nr', 60) // exit
 * a.mov('a0', 7)
 * a.syscall()
 * const image = elf({ machine: 'x64', code: a.code() })
 * ```
 */
export function assembler(machine: Machine): Assembler {
  if (!Object.hasOwn(machines, machine))
    throw new TypeError(`Cannot assemble for machine ${JSON.stringify(machine)}: it is not one of ${Object.keys(machines).join(', ')}`)
  const out = stream()
  const write = machines[machine](out)

  /** The writer, once it is known that an instruction may stand here. */
  const instruction = (): Instructions => {
    if (out.length % write.alignment !== 0)
      throw new RangeError(`Cannot put an instruction at offset ${out.length}: align(${write.alignment}) after data`)
    return write
  }

  const operate = (operation: Operation) => (dst: Reg, src: Reg | number): void => {
    const stack = operation === 'add' || operation === 'sub' ? 'sp' : undefined
    checkRegister(dst, stack)
    if (typeof src === 'string') checkRegister(src)
    else checkImmediate(src)
    instruction().operate(operation, dst, src)
  }

  const shift = (direction: Shift) => (dst: Reg, src: Reg | number): void => {
    checkRegister(dst)
    if (typeof src === 'string') checkRegister(src)
    else checkShift(src)
    instruction().shift(direction, dst, src)
  }

  return {
    machine,
    label: (name) => out.label(checkName(name)),
    mov(dst, src) {
      checkRegister(dst, 'sp')
      if (typeof src !== 'string') return instruction().constant(checkRegister(dst), checkWord(src))
      checkRegister(src, 'sp')
      // nr and result (x64), or a0 and result (arm64), are one register.
      if (registers[machine][dst] !== registers[machine][src]) instruction().copy(dst, src)
    },
    load(dst, base, offset, width) {
      instruction().load(checkRegister(dst), checkRegister(base, 'sp'), checkOffset(offset), checkWidth(width))
    },
    store(base, offset, src, width) {
      instruction().store(checkRegister(base, 'sp'), checkOffset(offset), checkRegister(src), checkWidth(width))
    },
    add: operate('add'),
    sub: operate('sub'),
    and: operate('and'),
    or: operate('or'),
    xor: operate('xor'),
    shl: shift('shl'),
    shr: shift('shr'),
    neg: (dst) => instruction().neg(checkRegister(dst)),
    jump: (label) => instruction().jump(checkName(label)),
    branch(condition, a, b, label) {
      checkCondition(condition)
      checkRegister(a)
      if (typeof b === 'string') checkRegister(b)
      else checkImmediate(b)
      checkName(label)
      instruction().compare(a, b)
      write.jumpIf(condition, label)
    },
    call: (label) => instruction().call(checkName(label)),
    ret: () => instruction().ret(),
    syscall: () => instruction().syscall(),
    address: (dst, label) => instruction().address(checkRegister(dst), checkName(label)),
    bytes: (data) => out.put(data),
    align(n) {
      if (!Number.isInteger(n) || n < 1 || n > 4096 || (n & (n - 1)) !== 0)
        throw new RangeError(`Cannot align to ${n}: it is not a power of two up to 4096`)
      while (out.length % Math.min(n, write.alignment) !== 0) out.put([0])
      while (out.length % n !== 0) out.put(write.nop)
    },
    code: () => out.code(),
  }
}
