import { columns } from './columns.ts'
import { hexadecimal, integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** A kernel module that is loaded. */
export interface KernelModule {
  readonly name: string
  readonly bytes: number
  /** Undefined where modules cannot be unloaded. */
  readonly references?: number
  /** The modules that use it. */
  readonly usedBy: readonly string[]
  /** Cannot be unloaded. */
  readonly permanent: boolean
  readonly state: 'Live' | 'Loading' | 'Unloading'
  /** 0n for who may not see kernel addresses. */
  readonly address: bigint
  /** Taint letters: `P` proprietary, `O` out of tree, `E` unsigned. */
  readonly taints: string
}

const STATES = ['Live', 'Loading', 'Unloading'] as const
const PERMANENT = '[permanent]'

/**
 * The modules of a /proc/modules text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/modules
 * @example
 * parseModules('overlay 167936 1 - Live 0x0000000000000000\n')[0]?.references // 1
 */
export function parseModules(text: string, file = 'modules'): KernelModule[] {
  return lines(text, file).map((place) => {
    const [name, size, references, users, stateText, address, taints] = columns(place, 6, 'name, size, references, users, state and address')
    const state = STATES.find((each) => each === stateText)
    if (state === undefined) throw new ProcParseError(place, 'Live, Loading or Unloading')
    const by = users === '-' ? [] : users!.split(',').filter((user) => user !== '')
    return {
      name: name!,
      bytes: integer(size, place),
      ...(references === '-' ? {} : { references: integer(references, place) }),
      usedBy: by.filter((user) => user !== PERMANENT),
      permanent: by.includes(PERMANENT),
      state,
      address: hexadecimal(address!.replace(/^0x/, ''), place),
      taints: taints?.replace(/^\(|\)$/g, '') ?? '',
    }
  })
}
