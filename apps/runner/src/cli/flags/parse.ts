import { UsageError } from '../errors/usage-error.ts'
import { nearest } from '../suggest.ts'
import { Arguments, type Flag, type Given } from './flag.ts'
import { unsupported } from './unsupported.ts'

export interface ParseOptions {
  /** For messages. */
  readonly command: string
  /** What follows the first operand is not ours to read: `run IMAGE COMMAND --its-flag`. */
  readonly stopAtOperand?: boolean
}

/**
 * A command line by a table of flags, in Docker's spelling: `--name x`, `--name=x`, `-it`, `-m20m`, `-m 20m`, `--rm=false`.
 *
 * @throws UsageError
 */
export function parseFlags(flags: readonly Flag[], argv: readonly string[], { command, stopAtOperand = false }: ParseOptions): Arguments {
  const given: Given[] = []
  const operands: string[] = []
  let separated = false
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      separated = true
      operands.push(...argv.slice(i + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      if (stopAtOperand) {
        operands.push(...argv.slice(i))
        break
      }
      operands.push(word)
      continue
    }
    const next = () => argv[++i]
    if (word.startsWith('--')) given.push(long(flags, word, next, command))
    else given.push(...short(flags, word, next, command))
  }
  checkTwice(given)
  return new Arguments(given, operands, separated)
}

function long(flags: readonly Flag[], word: string, next: () => string | undefined, command: string): Given {
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const flag = flags.find((each) => each.name === name || each.alias === name)
  if (!flag) throw unknown(flags, `--${name}`, command)
  return valueOf(flag, `--${name}`, equals < 0 ? undefined : word.slice(equals + 1), next)
}

/** `-it` is two flags; in `-m20m` and `-m=20m` the rest is the value. */
function short(flags: readonly Flag[], word: string, next: () => string | undefined, command: string): Given[] {
  const given: Given[] = []
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!
    const flag = flags.find((each) => each.short === letter)
    if (!flag) throw unknown(flags, `-${letter}`, command, word)
    const rest = word.slice(at + 1)
    if (flag.value === undefined && !rest.startsWith('=')) {
      given.push(valueOf(flag, `-${letter}`, undefined, next))
      continue
    }
    given.push(valueOf(flag, `-${letter}`, rest === '' ? undefined : rest.replace(/^=/, ''), next))
    break
  }
  return given
}

function valueOf(flag: Flag, spelled: string, attached: string | undefined, next: () => string | undefined): Given {
  if (flag.value === undefined) {
    if (attached !== undefined && !/^(true|false)$/.test(attached)) throw new UsageError(`${spelled} is on or off: it takes no value ${JSON.stringify(attached)}`)
    return { flag, value: attached ?? 'true', text: spelled }
  }
  const value = attached ?? next()
  if (value === undefined) throw new UsageError(`${spelled} needs a value: ${flag.value}`)
  return { flag, value, text: `${spelled} ${value}` }
}

function unknown(flags: readonly Flag[], spelled: string, command: string, word = spelled): UsageError {
  const within = word === spelled ? '' : ` in ${JSON.stringify(word)}`
  const instead = unsupported(spelled)
  if (instead !== undefined) return new UsageError(`${spelled}${within} is a flag of Docker that ctrun does not have`, { id: 'unsupported-flag', fix: [instead] })
  const names = flags.flatMap(({ name, alias, short }) => [`--${name}`, ...(alias === undefined ? [] : [`--${alias}`]), ...(short === undefined ? [] : [`-${short}`])])
  const meant = spelled.startsWith('--') ? nearest(spelled.slice(2), names.filter((name) => name.startsWith('--')).map((name) => name.slice(2))) : undefined
  return new UsageError(`unknown flag ${spelled}${within}`, { id: 'unknown-flag', fix: meant === undefined ? [`ctrun ${command} --help lists the flags`] : [`did you mean --${meant}?`] })
}

function checkTwice(given: readonly Given[]): void {
  for (const [i, { flag, text, value }] of given.entries()) {
    if (flag.repeat || flag.value === undefined) continue
    const before = given.slice(0, i).find((each) => each.flag === flag)
    if (before && before.value !== value) throw new UsageError(`${before.text} and ${text} contradict each other`, { fix: ['give one of them'] })
  }
}
