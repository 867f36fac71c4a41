import { descriptors } from './descriptors.ts'
import { printArguments } from './layout.ts'
import type { FdRef, Program, Syscall } from './types.ts'

export interface ExplainOptions {
  /** Descriptors that are open, by name, when the program starts; 0, 1 and 2 always are. */
  readonly open?: Readonly<Record<string, number>>
  /** Show the name of a descriptor behind its number, as `strace -y` shows its path: `5<oldroot>`. Default true. */
  readonly names?: boolean
  /** Show the reason for each call behind it. Default true. */
  readonly why?: boolean
  /** Count the instructions of a filter instead of showing hundreds of them, as strace does without `-v`. Default false. */
  readonly brief?: boolean
}

/** One call in strace's notation, without its result: `pivot_root(".", ".")`. */
export function explainCall(call: Syscall, fd: (ref: FdRef) => string = (ref) => ref.fd, { brief = false }: Pick<ExplainOptions, 'brief'> = {}): string {
  return `${call.name}(${printArguments(call, { fd, brief })})`
}

/**
 * Each call of a program as one line in strace's notation, in the order in which they will be made.
 *
 * Descriptor numbers are the ones the kernel will return: always the lowest that is free.
 *
 * @see strace(1)
 * @example
 * explain([sys.pivot_root('.', '.', 'stack the old root on top of the new one')])
 * // ['pivot_root(".", ".")  stack the old root on top of the new one']
 */
export function explain(program: Program, { open = {}, names = true, why = true, brief = false }: ExplainOptions = {}): string[] {
  const numbered = descriptors(program, open)
  const lines = program.map((call, i) => explainCall(call, (ref) => {
    const number = numbered.at(i, ref.fd)
    return names || number === undefined ? `${number ?? '?'}<${ref.fd}>` : String(number)
  }, { brief }))
  if (!why) return lines
  const column = Math.min(56, Math.max(0, ...lines.map((line) => line.length)) + 2)
  return lines.map((line, i) => `${line.padEnd(column - 2)}  ${program[i]!.why}`)
}
