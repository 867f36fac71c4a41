import { exactInteger, hexadecimal, integer } from './integer.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * The system call that a task is in.
 *
 * @see proc(5) /proc/pid/syscall
 */
export type CurrentSyscall =
  /** It runs, in the kernel or outside. */
  | { readonly kind: 'running' }
  /** It waits, but not in a system call: for a page, or stopped. */
  | { readonly kind: 'blocked'; readonly stackPointer: bigint; readonly programCounter: bigint }
  | {
    readonly kind: 'syscall'
    /** Of the task's architecture. */
    readonly number: number
    /** Six registers: how many count depends on the call. */
    readonly args: readonly bigint[]
    readonly stackPointer: bigint
    readonly programCounter: bigint
  }

/**
 * What a /proc/PID/syscall text says.
 *
 * @throws {ProcParseError} when it is none of the three forms
 * @see proc(5) /proc/pid/syscall
 * @example
 * parseSyscall('running\n').kind // 'running'
 */
export function parseSyscall(text: string, file = 'syscall'): CurrentSyscall {
  const place = { file, line: 1, text: text.replace(/\n$/, '') }
  if (place.text === 'running') return { kind: 'running' }
  const [number, ...registers] = place.text.split(' ')
  const values = registers.map((register) => {
    if (!register.startsWith('0x')) throw new ProcParseError(place, 'registers in hexadecimal')
    return hexadecimal(register.slice(2), place)
  })
  const [stackPointer, programCounter] = values.slice(-2)
  if (stackPointer === undefined || programCounter === undefined) throw new ProcParseError(place, 'running, or a number and registers')
  if (values.length === 2 && exactInteger(number, place) === -1n) return { kind: 'blocked', stackPointer, programCounter }
  if (values.length !== 8) throw new ProcParseError(place, 'a number, six arguments, stack pointer and program counter')
  return { kind: 'syscall', number: integer(number, place), args: values.slice(0, 6), stackPointer, programCounter }
}
