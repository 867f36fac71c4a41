import { abi, type SyscallName } from './abi.ts'
import type { ErrnoName } from './errno-table.ts'
import { checkArguments } from './layout.ts'
import type { ValuesOf } from './params/param.ts'
import type { Arg, Syscall } from './types.ts'

/** The reason for a call, alone or with what else is known about it. */
export type Note = string | {
  readonly why: string
  readonly as?: string
  readonly allow?: readonly ErrnoName[]
  readonly retry?: readonly ErrnoName[]
  readonly returns?: number
}

type Row = (typeof abi)[SyscallName]
type Arguments<R extends Row> = R extends { readonly choice: { readonly variants: () => infer V } }
  ? { [K in keyof V]: V[K] extends readonly unknown[] ? [...ValuesOf<ReturnType<R['params']>>, K, ...ValuesOf<V[K]>] : never }[keyof V]
  : ValuesOf<ReturnType<R['params']>>
type Constructors = { readonly [K in SyscallName]: (...args: [...Arguments<(typeof abi)[K]>, note: Note]) => Syscall }

function construct(name: SyscallName) {
  return (...args: unknown[]): Syscall => {
    const note = args.pop() as Note
    const call = typeof note === 'string' ? { name, args: args as Arg[], why: note } : { name, args: args as Arg[], ...note }
    if (typeof call.why !== 'string') throw new TypeError(`${name}: the last argument is the reason for the call, not ${JSON.stringify(note)}`)
    checkArguments(call)
    return call
  }
}

/**
 * One constructor per system call, under the kernel's name and with the man page's parameters. Nothing is called: the result is data.
 *
 * @throws TypeError, RangeError an argument is not what the kernel can take
 * @example
 * sys.pivot_root('.', '.', 'stack the old root on top of the new one')
 * // { name: 'pivot_root', args: ['.', '.'], why: 'stack the old root on top of the new one' }
 */
export const sys: Constructors = Object.freeze(Object.fromEntries(Object.keys(abi).map((name) => [name, construct(name as SyscallName)]))) as unknown as Constructors
