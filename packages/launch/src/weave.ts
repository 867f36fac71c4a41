import { sys, type Program, type Syscall } from '@ctr/syscall'
import { checkpoint } from './checkpoint.ts'
import { status, statusAddress } from './layout.ts'

/** One call as it will be made: `index` is the call of the program that it is reported as. */
export interface Step {
  readonly call: Syscall
  readonly index: number
  /** Not made at all: an impossible call number stands in its place, so it fails with ENOSYS. */
  readonly fault?: true
}

/** Fails call `index`: before it is made, or after it succeeded. For tests of what is left behind. */
export interface Fault {
  readonly index: number
  readonly when: 'before' | 'after'
}

export interface Weaving {
  readonly trace?: boolean | undefined
  readonly step?: boolean | undefined
  readonly fault?: Fault | undefined
}

/** The row of a call in the status page. */
export const rowAddress = (index: number): number => statusAddress + status.rows + status.row * index

const now = (address: number) => sys.clock_gettime('CLOCK_MONOTONIC', address, 'the time is written straight into the status page')

const asItIs = (call: Syscall, index: number): Step => ({ call, index })

/**
 * Adds to a program what is wanted around its calls. Tracing, stepping and faults are ordinary calls too: the interpreter knows
 * nothing of them.
 */
export function weave(program: Program, { trace = false, step = false, fault }: Weaving = {}): Step[] {
  if (fault !== undefined && !(fault.index in program)) throw new RangeError(`Cannot make call ${fault.index} fail: there are ${program.length}`)
  if (!trace && !step && !fault) return program.map(asItIs)
  // The first call maps the status page: before it, there is nothing to write times to. The others may follow an exec that does not return.
  return program.flatMap((call, index) => {
    const steps: Step[] = []
    const times = rowAddress(index)
    if (step && index > 0) steps.push(...checkpoint(`step ${index}`).map((c) => ({ call: c, index })))
    if (trace && index > 0) steps.push({ call: now(times), index })
    steps.push(fault?.index === index && fault.when === 'before' ? { call, index, fault: true } : { call, index })
    if (fault?.index === index && fault.when === 'after') steps.push({ call, index, fault: true })
    if (trace && index > 0) steps.push({ call: now(times + status.after), index })
    return steps
  })
}
