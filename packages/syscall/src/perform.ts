import { closeSync } from 'node:fs'
import { signature } from './abi.ts'
import { returnsDescriptor } from './descriptors.ts'
import { errnoName, errnoTable } from './errno.ts'
import { encode } from './layout.ts'
import { native } from './native.ts'
import type { Memory, Word } from './params/param.ts'
import { SyscallError } from './syscall-error.ts'
import type { Arg, OutBuffer, Program, Syscall } from './types.ts'

export interface Performed {
  /** What each call returned; a negative errno where the error was allowed. */
  readonly results: readonly number[]
  /** Descriptors that are still open, by the name the program gave them. */
  readonly fds: Readonly<Record<string, number>>
  /** What the kernel wrote into the buffer of each call that had one. */
  readonly outputs: ReadonlyMap<number, Uint8Array>
}

const flag = (arg: Arg | undefined, name: string) => Array.isArray(arg) && arg.includes(name)

/** What can not be done by a thread of Node, and why. */
const impossible = new Map<string, readonly { readonly matches?: (call: Syscall) => boolean; readonly because: string }[]>(Object.entries({
  unshare: [{ matches: (c: Syscall) => flag(c.args[0], 'CLONE_NEWUSER'), because: 'the kernel refuses a new user namespace to a process with several threads, and Node always has some: use launch' }],
  setns: [
    { matches: (c: Syscall) => flag(c.args[1], 'CLONE_NEWUSER'), because: 'the kernel refuses to move a process with several threads into a user namespace, and Node always has some: use launch' },
    { matches: (c: Syscall) => flag(c.args[1], 'CLONE_NEWTIME'), because: 'the kernel refuses to move a process with several threads into a time namespace (EUSERS), and Node always has some: use launch' },
  ],
  close_range: [{ matches: (c: Syscall) => !flag(c.args[2], 'CLOSE_RANGE_CLOEXEC'), because: 'it would close descriptors that Node itself uses: close them one by one, or use launch' }],
  clone3: [{ because: 'JavaScript cannot go on in a forked child (V8 marks its heap MADV_DONTFORK): use launch' }],
  execve: [{ because: 'it would replace this Node process: use launch' }],
  execveat: [{ because: 'it would replace this Node process: use launch' }],
  exit_group: [{ because: 'it would end this Node process without its exit handlers: use process.exit' }],
  seccomp: [{ because: 'a filter would bind one thread of Node and not the others: use launch' }],
  pivot_root: [{ because: 'it would change the root directory of every thread of Node under its feet: use launch' }],
  chroot: [{ because: 'it would change the root directory of every thread of Node under its feet: use launch' }],
  mmap: [{ because: 'it would change the memory that Node itself is using: use launch' }],
  munmap: [{ because: 'it would change the memory that Node itself is using: use launch' }],
}))

const retries = 128

/**
 * The program was made on the calling thread, call by call. Per-thread changes (namespaces, credentials) stay on that thread.
 *
 * On an error every descriptor that the program had opened is closed again.
 *
 * @param open descriptors by name that the program refers to
 * @throws SyscallError the kernel refused a call that does not allow it
 * @throws TypeError a call cannot be made from a thread of Node; nothing has run
 */
export function perform(program: Program, open: Readonly<Record<string, number>> = {}): Performed {
  for (const call of program) {
    const reason = impossible.get(call.name)?.find(({ matches }) => matches?.(call) ?? true)
    if (reason) throw new TypeError(`Cannot perform ${call.name} here: ${reason.because}`)
  }
  const results: number[] = []
  const own = new Own()
  const outputs = new Map<number, Uint8Array>()
  try {
    for (const [index, call] of program.entries()) results.push(performCall(program, index, call, { ...open, ...Object.fromEntries(own.names) }, own, outputs))
  } catch (error) {
    for (const fd of own.numbers) closeSync(fd)
    throw error
  }
  return { results, fds: Object.fromEntries(own.names), outputs }
}

/** The descriptors that a program has opened: those it gave no name too, for they are to be closed as well. */
class Own {
  readonly numbers = new Set<number>()
  readonly names = new Map<string, number>()

  opened(number: number, name: string | undefined): void {
    this.numbers.add(number)
    if (name !== undefined) this.names.set(name, number)
  }

  closed(number: number): void {
    this.numbers.delete(number)
    for (const [name, n] of this.names) if (n === number) this.names.delete(name)
  }
}

function performCall(program: Program, index: number, call: Syscall, open: Readonly<Record<string, number>>, own: Own, outputs: Map<number, Uint8Array>): number {
  const kernel = native()
  const resolve = (name: string) => {
    const number = Object.hasOwn(open, name) ? open[name] : undefined
    if (number === undefined) throw new TypeError(`Call ${index + 1}, ${call.name}: descriptor ${JSON.stringify(name)} is not open`)
    return number
  }
  // The buffers must outlive the call; small Buffers would share a pool with others.
  const placed: Uint8Array[] = []
  const memory: Memory = {
    machine: kernel.machine,
    place(bytes, holes = []) {
      const copy = new Uint8Array(new ArrayBuffer(Math.max(8, bytes.length)))
      copy.set(bytes)
      const view = new DataView(copy.buffer)
      for (const hole of holes) view.setInt32(hole.offset, resolve(hole.fd), true)
      placed.push(copy)
      return kernel.address(copy)
    },
  }
  const words = encode(call, memory).map((word: Word) => (typeof word === 'object' ? BigInt(resolve(word.fd)) : word))
  let result = kernel.call(call.name, words)
  for (let i = 0; i < retries && result < 0 && call.retry?.some((name) => errnoTable[name] === -result); i++) result = kernel.call(call.name, words)
  if (result < 0 && !call.allow?.some((name) => errnoTable[name] === -result)) throw new SyscallError(program, index, errnoName(-result))
  if (result >= 0 && returnsDescriptor(call)) own.opened(result, call.as)
  if (result >= 0 && call.name === 'close') own.closed(Number(words[0]))
  if (result >= 0 && call.returns !== undefined && result !== call.returns) throw new SyscallError(program, index, 'ESHORT', { hint: `it returned ${result}, not ${call.returns}` })
  const size = call.args.find((arg): arg is OutBuffer => typeof arg === 'object' && arg !== null && 'out' in arg)?.out
  // Only where the result is a number of bytes: ioctl(TCGETS) fills all of its struct and returns 0.
  const filled = signature(call.name).returns === 'number' || result < 0 ? Math.max(0, result) : Infinity
  // By its size: what points to the buffer, bpf's attribute, is placed after it.
  if (size !== undefined) outputs.set(index, placed.findLast((each) => each.length === Math.max(8, size))!.subarray(0, Math.min(size, filled)))
  return result
}
