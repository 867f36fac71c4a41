import { nearest } from '../../cli/suggest.ts'

/** One flag of a command, as runc's command line has them: `--name value`, `--name=value`, `-n value`. */
export interface OciFlag {
  readonly name: string
  readonly short?: string
  /** Takes a value; a switch otherwise. */
  readonly value?: string
  /** May come several times. */
  readonly many?: boolean
  readonly help: string
}

export class OciUsageError extends Error {
  readonly code = 'EUSAGE'
}

export interface OciArguments {
  has(name: string): boolean
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  readonly operands: readonly string[]
}

/**
 * Reads the flags in front of the operands. Behind the first operand everything is an operand: of `exec`, it is the command.
 *
 * @throws OciUsageError
 */
export function parseOciFlags(flags: readonly OciFlag[], argv: readonly string[]): OciArguments {
  const values = new Map<string, string[]>()
  let i = 0
  for (; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      i++
      break
    }
    // A lone dash is standard input.
    if (!word.startsWith('-') || word === '-') break
    const [, name = '', , given] = /^--?([^=]*)(=(.*))?$/s.exec(word) ?? []
    const flag = flags.find((each) => each.name === name || each.short === name)
    if (!flag) throw new OciUsageError(`flag provided but not defined: -${name}${suggestion(name, flags)}`)
    let value = given
    if (flag.value === undefined) {
      if (value !== undefined && !/^(true|false)$/.test(value)) throw new OciUsageError(`invalid boolean value ${JSON.stringify(value)} for -${name}`)
      if (value === 'false') continue
    } else if (value === undefined) {
      value = argv[++i]
      if (value === undefined) throw new OciUsageError(`flag needs an argument: -${name}`)
    }
    values.set(flag.name, [...(flag.many ? (values.get(flag.name) ?? []) : []), value ?? 'true'])
  }
  return {
    has: (name) => values.has(name), text: (name) => values.get(name)?.at(-1), texts: (name) => values.get(name) ?? [], operands: argv.slice(i),
  }
}

function suggestion(name: string, flags: readonly OciFlag[]): string {
  const meant = nearest(name, flags.map((each) => each.name))
  return meant === undefined ? '' : `; did you mean --${meant}?`
}

/** A whole number that was given to a flag. @throws OciUsageError */
export function wholeNumber(args: OciArguments, name: string, fallback: number): number {
  const text = args.text(name)
  if (text === undefined) return fallback
  if (!/^\d{1,9}$/.test(text)) throw new OciUsageError(`invalid value ${JSON.stringify(text)} for flag -${name}: a whole number is wanted`)
  return Number(text)
}
