/** One row of a command's table of flags. */
export interface Flag {
  /** Without the dashes: `memory`. */
  readonly name: string
  readonly short?: string
  readonly alias?: string
  /** What the value is called in the help; absent where there is none. */
  readonly value?: string
  /** May be given more than once. */
  readonly repeat?: boolean
  readonly help: string
  /** The heading it is listed under. */
  readonly group?: string
}

/** A flag as it was given. */
export interface Given {
  readonly flag: Flag
  /** `'true'` or `'false'` where the flag has no value. */
  readonly value: string
  /** As it was written, for errors: `--volume /nope:/data`. */
  readonly text: string
}

/** What was given on a command line, in order. */
export class Arguments {
  readonly given: readonly Given[]
  readonly operands: readonly string[]
  /** Whether `--` came before the operands. */
  readonly separated: boolean

  constructor(given: readonly Given[], operands: readonly string[], separated = false) {
    this.given = given
    this.operands = operands
    this.separated = separated
  }

  /** Every value of a flag. */
  all(name: string): string[] {
    return this.given.filter(({ flag }) => flag.name === name).map(({ value }) => value)
  }

  /** The last value: what comes later wins. */
  one(name: string): string | undefined {
    return this.all(name).at(-1)
  }

  has(name: string): boolean {
    return this.one(name) === 'true'
  }

  /** The same without one of the flags. */
  without(given: Given): Arguments {
    return new Arguments(this.given.filter((each) => each !== given), this.operands, this.separated)
  }
}
