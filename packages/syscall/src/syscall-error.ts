import { errnoTable, type ErrnoName } from './errno-table.ts'
import { explainCall } from './explain.ts'
import { hint } from './hints.ts'
import { pairs } from './layout.ts'
import type { Program, Syscall } from './types.ts'

export interface SyscallErrorOptions {
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/**
 * The kernel refused a call of a program: shaped like Node's own system errors, and derived from the data alone, so it is the same
 * whichever interpreter ran the program.
 *
 * `index` counts from 0; the message counts from 1.
 */
export class SyscallError extends Error {
  /**
   * `'EBUSY'`; `'ESHORT'` where the call succeeded with another value than the one it had to return; `'SIGKILL'` where the process was
   * killed while it made the call.
   */
  readonly code: string
  /** Negative, as in Node's errors; 0 where the kernel gave none. */
  readonly errno: number
  readonly syscall: string
  /** The call's first path that is not empty. */
  declare readonly path?: string
  readonly call: Syscall
  readonly index: number
  readonly of: number
  declare readonly hint?: string

  constructor(program: Program, index: number, code: ErrnoName | 'ESHORT' | `errno ${number}` | `SIG${string}`, options: SyscallErrorOptions = {}) {
    const call = program[index]
    if (!call) throw new RangeError(`There is no call ${index} in a program of ${program.length}`)
    const advice = options.hint ?? hint(call, code)?.text
    const lines = [`${explainCall(call)}: ${code}`, `  why   ${call.why}`, `  at    syscall ${index + 1} of ${program.length}`]
    if (advice !== undefined) lines.push(`  hint  ${advice}`)
    super(lines.join('\n'), options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'SyscallError'
    this.code = code
    this.errno = code in errnoTable ? -errnoTable[code as ErrnoName] : 0
    this.syscall = call.name
    const path = firstPath(call)
    if (path !== undefined) this.path = path
    this.call = call
    this.index = index
    this.of = program.length
    if (advice !== undefined) this.hint = advice
  }
}

function firstPath(call: Syscall): string | undefined {
  return pairs(call).find(([param, value]) => param.isPath && value !== '')?.[1] as string | undefined
}
