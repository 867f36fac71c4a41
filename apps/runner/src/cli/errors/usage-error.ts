export interface UsageErrorOptions {
  readonly id?: string
  /** What to do instead, a line each. */
  readonly fix?: readonly string[]
  /** What it came from, where the message does not say: `--env-file vars`. */
  readonly from?: string
}

/** The command line is wrong. Nothing has happened. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly id: string
  readonly fix: readonly string[]
  readonly from: string | undefined

  constructor(message: string, { id = 'usage', fix = [], from }: UsageErrorOptions = {}) {
    super(message)
    this.id = id
    this.fix = fix
    this.from = from
  }
}
