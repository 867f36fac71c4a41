import { loadKoffi } from './koffi.ts'
import { numbers, type SyscallNumberName } from './numbers.ts'
import type { Machine } from './types.ts'

export interface Native {
  readonly machine: Machine
  /** The raw call: its result, or the negative errno, as the kernel itself returns it. */
  call(name: SyscallNumberName, words: readonly bigint[]): number
  address(bytes: Uint8Array): bigint
}

let loaded: Native | undefined

/**
 * The C library's syscall(2) through koffi, loaded at first use: importing a primitive costs nothing.
 *
 * The fixed arity is on purpose: the variadic form takes 1.7 times as long.
 */
export function native(): Native {
  return (loaded ??= load())
}

function load(): Native {
  const machine = process.arch as Machine
  if (process.platform !== 'linux' || (machine !== 'x64' && machine !== 'arm64')) throw new Error(`System calls need Linux on x86-64 or arm64, this is ${process.platform} on ${process.arch}`)
  const k = loadKoffi()
  const syscall = k.load(null).func('long syscall(long, long, long, long, long, long, long)')
  const column = machine === 'x64' ? 0 : 1
  return {
    machine,
    address: (bytes) => BigInt(k.address(bytes)),
    call(name, words) {
      const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n] = words.map((word) => BigInt.asIntN(64, word))
      const result = Number(syscall(numbers[name][column], a, b, c, d, e, f))
      return result === -1 ? -k.errno() : result
    },
  }
}
