import { commands } from './commands.ts'
import type { Command } from './command.ts'
import { UsageError } from './errors/usage-error.ts'
import type { Arguments, Flag } from './flags/flag.ts'
import { parseFlags } from './flags/parse.ts'
import { commandHelp, everything, overview } from './help.ts'
import { print } from './output.ts'
import { nearest } from './suggest.ts'

const help: Flag = { name: 'help', help: 'this text' }

/** Runs the command that the words name, and ends the process with its exit status: 125 where it is we who failed. */
export async function main(argv: readonly string[]): Promise<never> {
  // Until the flags are understood, a --json may be meant so.
  const asked = { json: argv.includes('--json') }
  try {
    process.exit(await dispatch(argv, asked))
  } catch (error) {
    // Loaded now: a command that works needs none of it.
    const { fail } = await import('./errors/fail.ts')
    process.exit(fail(error, { verb: argv[0] ?? 'ctrun', json: asked.json }))
  }
}

async function dispatch([name, ...rest]: readonly string[], asked: { json: boolean }): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') return show(overview())
  if (name === '--help=all') return show(await everything())
  if (name === '--version' || name === '-v') return dispatch(['version'], asked)
  const entry = commands.find((each) => each.name === name)
  if (!entry) throw unknownCommand(name)
  const { command } = await entry.load()
  if (rest[0] === '--help=all') return show(commandHelp(name, command, { all: true }))
  const args = read(name, command, rest)
  if (args === 'help') return show(commandHelp(name, command))
  asked.json = args.has('json')
  return command.main(args)
}

function show(text: string): number {
  print(text)
  return 0
}

/** The words of one command; `'help'` when that is asked for among its flags. */
export function read(name: string, command: Command, argv: readonly string[]): Arguments | 'help' {
  const own = command.flags.some(({ short }) => short === 'h')
  const flags: readonly Flag[] = [...command.flags, own ? help : { ...help, short: 'h' }]
  const args = parseFlags(flags, argv, { command: name, stopAtOperand: command.stopAtOperand ?? false })
  if (args.has('help')) return 'help'
  const [least, most, what] = command.operands ?? [0, Infinity, '']
  const count = args.operands.length
  if (count < least) throw new UsageError(`${name} needs ${what}`, { id: 'operands', fix: [`ctrun ${name} ${command.usage}`] })
  if (count > most) throw new UsageError(`${name} takes ${most === 0 ? 'no operands' : what}, and got ${JSON.stringify(args.operands[most])} too`, { id: 'operands', fix: [`ctrun ${name} ${command.usage}`] })
  return args
}

/** Commands of Docker that are not here, and what does their work. */
const instead: Readonly<Record<string, string>> = {
  create: 'ctrun run makes and starts', start: 'ctrun run makes and starts', restart: 'ctrun stop, then ctrun run', logs: 'redirect the output of ctrun run', attach: 'ctrun exec -it NAME sh is a shell in it',
  images: 'IMAGE is a directory: ls', pull: 'images are not pulled yet: unpack one into a directory', build: 'images are not built yet: IMAGE is a directory', update: 'start it again with other limits',
  commit: 'IMAGE is a directory: copy it', cp: '-v binds a directory', container: 'ctrun has no groups of commands: ctrun ps', network: '--network none or host', volume: '-v binds a directory', events: 'ctrun ps', rename: '--name at the start', port: 'ports are not published yet', diff: 'not yet',
}

function unknownCommand(name: string): UsageError {
  if (name.startsWith('-')) return new UsageError(`the command comes first, and ${name} is none`, { id: 'unknown-command', fix: ['ctrun COMMAND [flags]: ctrun --help lists the commands'] })
  const known = Object.hasOwn(instead, name) ? instead[name] : undefined
  if (known !== undefined) return new UsageError(`${name} is a command of Docker that ctrun does not have`, { id: 'unsupported-command', fix: [known] })
  const meant = nearest(name, commands.map((each) => each.name)) ?? nearest(name, Object.keys(instead))
  return new UsageError(`unknown command ${JSON.stringify(name)}`, { id: 'unknown-command', fix: [meant === undefined ? 'ctrun --help lists the commands' : `did you mean ${meant}?`] })
}
