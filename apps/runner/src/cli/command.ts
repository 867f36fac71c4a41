import type { Arguments, Flag } from './flags/flag.ts'

/** A command of `ctrun`. Its module is loaded when it is called or asked about; what it needs of the library, when it runs. */
export interface Command {
  /** What comes behind the name: `[flags] IMAGE COMMAND…`. */
  readonly usage: string
  /** What it does, in a sentence or two. */
  readonly purpose: string
  readonly examples: readonly string[]
  readonly flags: readonly Flag[]
  /** What follows the first operand is passed on unread. */
  readonly stopAtOperand?: boolean
  /** The least and the most number of operands, and what they are. */
  readonly operands?: readonly [least: number, most: number, what: string]
  /** @returns the exit status */
  main(args: Arguments): number | Promise<number>
}
