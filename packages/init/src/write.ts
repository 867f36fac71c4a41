import { numbers } from '@ctr/syscall'
import type { Assembler, Reg } from '@ctr/elf'
import { frame, type Field } from './frame.ts'

/** A register that keeps its value over system calls. */
type Kept = Extract<Reg, `s${string}`>

/** An argument of a system call: a value, a register, or the address of a field of the frame. */
export type Argument = number | Kept | { readonly field: Field }

const argument = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'] as const

/** The address of a field of the frame, as an argument. */
export const at = (field: Field): Argument => ({ field })

/** Makes a system call; its result is in `result`. */
export function call(a: Assembler, name: keyof typeof numbers, ...args: Argument[]): void {
  args.forEach((arg, i) => {
    const register = argument[i]!
    if (typeof arg !== 'object') return a.mov(register, arg)
    a.mov(register, 's5')
    a.add(register, frame[arg.field])
  })
  a.mov('nr', numbers[name][a.machine === 'x64' ? 0 : 1])
  a.syscall()
}

/** Text behind the code, with a zero at the end. */
export function text(a: Assembler, label: string, content: string): void {
  a.label(label)
  a.bytes(new TextEncoder().encode(`${content}\0`))
}
