import { signature } from './abi.ts'
import type { Arg, Program, Syscall } from './types.ts'

export interface Descriptors {
  /** The number that `name` has when call `index` is made; undefined where it is not open. */
  at(index: number, name: string): number | undefined
  /** Names and numbers open after the last call. */
  readonly left: ReadonlyMap<string, number>
  /** Every number open after the last call, also those whose name was given to another. */
  readonly numbers: ReadonlySet<number>
}

/**
 * Which number every named descriptor will have: the kernel always takes the lowest that is free (open(2)), so it can be known
 * before anything runs. clone3's pidfd is not among them: the parent gets it, and the program goes on in the child.
 */
export function descriptors(program: Program, open: Readonly<Record<string, number>> = {}): Descriptors {
  const used = new Set([0, 1, 2, ...Object.values(open)])
  const names = new Map(Object.entries(open))
  /** For each name, from which call on it has which number. */
  const history = new Map<string, [index: number, number: number | undefined][]>(Object.entries(open).map(([name, number]) => [name, [[0, number]]]))
  let next = 0
  const rename = (name: string, number: number | undefined) => {
    if (number === undefined) names.delete(name)
    else names.set(name, number)
    const changes = history.get(name)
    if (changes) changes.push([next, number])
    else history.set(name, [[next, number]])
  }
  const release = (number: number) => {
    used.delete(number)
    for (const [name, n] of names) if (n === number) rename(name, undefined)
  }
  const take = (name: string | undefined, from = 0) => {
    let number = from
    while (used.has(number)) number++
    used.add(number)
    if (name !== undefined) rename(name, number)
  }
  for (const call of program) {
    next++
    const number = (arg: Arg | undefined) => (typeof arg === 'number' ? arg : typeof arg === 'object' && arg !== null && 'fd' in arg ? names.get(String(arg.fd)) : undefined)
    if (call.name === 'close') release(number(call.args[0]) ?? -1)
    else if (call.name === 'close_range' && !(call.args[2] as readonly Arg[]).includes('CLOSE_RANGE_CLOEXEC')) for (const n of [...used]) if (n >= Number(call.args[0]) && n <= Number(call.args[1])) release(n)
    if (call.name === 'dup3') {
      const target = number(call.args[1])
      if (target !== undefined) { release(target); used.add(target); if (call.as) rename(call.as, target) }
    } else if (call.name !== 'clone3' && returnsDescriptor(call)) take(call.as, call.args[1] === 'F_DUPFD' || call.args[1] === 'F_DUPFD_CLOEXEC' ? Number(call.args[2]) : 0)
  }
  return { at: (index, name) => history.get(name)?.findLast(([from]) => from <= index)?.[1], left: names, numbers: used }
}

/** Whether a call gives the process one more descriptor. */
export function returnsDescriptor(call: Syscall): boolean {
  return call.as !== undefined || canReturnDescriptor(call)
}

/** ioctl, fcntl, seccomp and bpf return one with some of their requests only. */
export function canReturnDescriptor(call: Syscall): boolean {
  if (call.name === 'ioctl') return ['TIOCGPTPEER', 'NS_GET_USERNS', 'NS_GET_PARENT'].includes(String(call.args[1]))
  if (call.name === 'fcntl') return call.args[1] === 'F_DUPFD' || call.args[1] === 'F_DUPFD_CLOEXEC'
  if (call.name === 'clone3') return JSON.stringify(call.args).includes('CLONE_PIDFD')
  if (call.name === 'bpf') return call.args[0] === 'BPF_PROG_LOAD' || call.args[0] === 'BPF_PROG_GET_FD_BY_ID'
  if (call.name === 'seccomp') return JSON.stringify(call.args).includes('SECCOMP_FILTER_FLAG_NEW_LISTENER')
  return signature(call.name).returns === 'fd'
}
