import type { OciStore } from '../state/oci-store.ts'
import type { OciArguments, OciFlag } from './flags.ts'

/** What the flags in front of the command say. */
export interface OciContext {
  readonly store: OciStore
  readonly systemdCgroup: boolean
  /** `--rootless`; undefined is auto. */
  readonly rootless?: boolean
  /** `--criu` */
  readonly criu?: string
  /** What went wrong and does not count, in the log. */
  warn(message: string): void
  /** The same, in the log alone and only where there is one: standard error is the container's already, and an engine keeps what comes there. */
  note(message: string): void
}

export interface OciCommand {
  readonly usage: string
  readonly about: string
  readonly flags: readonly OciFlag[]
  /** The least and the most operands. */
  readonly operands: readonly [least: number, most: number]
  /** @returns the exit status */
  main(args: OciArguments, context: OciContext): number | Promise<number>
}

/** The commands that main knows. */
export interface OciCommands {
  named(name: string): OciCommand | undefined | Promise<OciCommand | undefined>
  /** Does what is asked where that is none of them, or not to run one. @returns the exit status */
  otherwise(argv: readonly string[], global: OciArguments): Promise<number>
}
