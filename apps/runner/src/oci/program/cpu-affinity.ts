import { affinity } from '@ctr/launch/calls'
import type { Program } from '@ctr/syscall'
import { numbersOf } from '../config/number-list.ts'
import type { OciProcess } from '../config/process-shape.ts'

/** The processors of a process that joins a container, in two places: in front of its group, and behind it, whose cpuset has the last word. */
export interface CpuAffinity {
  readonly initial: Program
  readonly final: Program
}

/** @see OCI runtime-spec config.md, execCPUAffinity: what is empty changes nothing */
export function cpuAffinity({ execCPUAffinity: { initial = '', final = '' } = {} }: Pick<OciProcess, 'execCPUAffinity'>): CpuAffinity {
  return {
    initial: initial.trim() === '' ? [] : affinity(numbersOf(initial), 'until it is in the container\'s group, it must not disturb other processors'),
    final: final.trim() === '' ? [] : affinity(numbersOf(final), 'it was asked to run on these processors of the container'),
  }
}
