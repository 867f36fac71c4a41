import { constant, flagText } from '../constant.ts'
import type { Constant } from '../families.ts'
import { checkName, checkNames } from './flags.ts'
import { quote, refuse, type Param } from './param.ts'

/** A mode, and the flags that the kernel takes in the same word. */
export type MemoryMode = readonly [mode: Constant<'mempolicy'>, ...flags: Constant<'mempolicy_flag'>[]]

/** set_mempolicy(2)'s mode. */
export function memoryMode(name: string): Param<MemoryMode> {
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value)) refuse(name, 'an array of a mode and its flags', value)
      checkName(name, 'mempolicy', value[0])
      checkNames(name, 'mempolicy_flag', value.slice(1))
    },
    print: ([mode, ...flags]) => (flags.length === 0 ? mode : `${mode}|${flagText('mempolicy_flag', flags)}`),
    encode: (value, memory) => [BigInt(value.reduce((bits, each) => bits | constant(each, memory.machine), 0))],
  }
}

/** MAX_NUMNODES of no kernel is more (CONFIG_NODES_SHIFT, at most 10). */
const mostNodes = 1024

/** A mask of memory nodes, and one more than it has bits: get_nodes in mm/mempolicy.c takes one away. NULL and 0 for none. */
export function nodes(name: string): Param<readonly number[]> {
  const wordsOf = (value: readonly number[]) => {
    const words = new BigUint64Array(Math.floor(Math.max(...value) / 64) + 1)
    for (const node of value) words[node >> 6]! |= 1n << BigInt(node & 63)
    return words
  }
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value)) refuse(name, 'an array of memory nodes', value)
      for (const node of value) if (!Number.isInteger(node) || node < 0 || node >= mostNodes) throw new RangeError(`${name} holds ${quote(node)}, which is no memory node`)
    },
    print: (value) => {
      if (value.length === 0) return 'NULL, 0'
      const words = wordsOf(value)
      // strace prints with %#016lx of printf(3), which puts no 0x in front of zero.
      return `[${[...words].map((word) => (word === 0n ? '0'.repeat(16) : `0x${word.toString(16).padStart(14, '0')}`)).join(', ')}], ${words.length * 64 + 1}`
    },
    encode: (value, memory) => {
      if (value.length === 0) return [0n, 0n]
      const words = wordsOf(value)
      return [memory.place(new Uint8Array(words.buffer)), BigInt(words.length * 64 + 1)]
    },
  }
}
