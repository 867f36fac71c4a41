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
  const table = new Table(open)
  for (const [index, call] of program.entries()) {
    const number = (arg: Arg | undefined) => (typeof arg === 'number' ? arg : typeof arg === 'object' && arg !== null && 'fd' in arg ? table.names.get(String(arg.fd)) : undefined)
    table.next = index + 1
    if (call.name === 'close') table.release(number(call.args[0]) ?? -1)
    else if (call.name === 'close_range' && !(call.args[2] as readonly Arg[]).includes('CLOSE_RANGE_CLOEXEC')) for (const n of [...table.used]) if (n >= Number(call.args[0]) && n <= Number(call.args[1])) table.release(n)
    if (call.name === 'dup3') {
      const target = number(call.args[1])
      if (target !== undefined) { table.release(target); table.take(call.as, target) }
    } else if (call.name !== 'clone3' && returnsDescriptor(call)) table.take(call.as, table.free(call.args[1] === 'F_DUPFD' || call.args[1] === 'F_DUPFD_CLOEXEC' ? Number(call.args[2]) : 0))
  }
  return { at: (index, name) => table.at(index, name), left: table.names, numbers: table.used }
}

interface Change {
  readonly index: number
  readonly number: number | undefined
}

/** The descriptors of a process while it makes calls. Programs have thousands open: nothing here looks at all of them. */
class Table {
  readonly used: Set<number>
  readonly names: Map<string, number>
  /** Counts the calls: what changes now holds from this one on. */
  next = 0
  /** Below it every number is taken. */
  #lowest = 0
  /** The name that a number has, and the others, where there are any. */
  readonly #holders = new Map<number, string | Set<string>>()
  readonly #changed: string[] = []
  readonly #changes: Change[] = []
  #history: Map<string, Change[]> | undefined

  constructor(open: Readonly<Record<string, number>>) {
    this.used = new Set([0, 1, 2, ...Object.values(open)])
    this.names = new Map()
    for (const [name, number] of Object.entries(open)) this.#rename(name, number)
  }

  /** The lowest that is free, from a number on. */
  free(from: number): number {
    let number = Math.max(from, this.#lowest)
    while (this.used.has(number)) number++
    if (from <= this.#lowest) this.#lowest = number
    return number
  }

  take(name: string | undefined, number: number): void {
    this.used.add(number)
    if (name !== undefined) this.#rename(name, number)
  }

  release(number: number): void {
    if (!this.used.delete(number)) return
    this.#lowest = Math.min(this.#lowest, number)
    const holders = this.#holders.get(number)
    if (holders === undefined) return
    this.#holders.delete(number)
    for (const name of typeof holders === 'string' ? [holders] : holders) {
      this.names.delete(name)
      this.#note(name, undefined)
    }
  }

  at(index: number, name: string): number | undefined {
    this.#history ??= this.#byName()
    return this.#history.get(name)?.findLast((change) => change.index <= index)?.number
  }

  #byName() {
    const history = new Map<string, Change[]>()
    for (const [i, change] of this.#changes.entries()) {
      const name = this.#changed[i]!
      const changes = history.get(name)
      if (changes) changes.push(change)
      else history.set(name, [change])
    }
    return history
  }

  #rename(name: string, number: number): void {
    const before = this.names.get(name)
    if (before !== undefined) this.#leave(name, before)
    this.names.set(name, number)
    const holders = this.#holders.get(number)
    if (typeof holders === 'object') holders.add(name)
    else this.#holders.set(number, holders === undefined ? name : new Set([holders, name]))
    this.#note(name, number)
  }

  #leave(name: string, number: number): void {
    const holders = this.#holders.get(number)
    if (typeof holders === 'object') holders.delete(name)
    else if (holders === name) this.#holders.delete(number)
  }

  #note(name: string, number: number | undefined): void {
    this.#changed.push(name)
    this.#changes.push({ index: this.next, number })
  }
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
