import type { Command } from '../command.ts'
import { commands } from '../commands.ts'
import { UsageError } from '../errors/usage-error.ts'
import { commandHelp, overview } from '../help.ts'
import { print } from '../output.ts'
import { nearest } from '../suggest.ts'

export const command: Command = {
  usage: '[COMMAND]',
  purpose: 'Prints what a command does, with examples.',
  examples: ['help run', 'run --help', 'run --help=all'],
  flags: [],
  operands: [0, 1, 'a command'],
  async main({ operands: [name] }) {
    if (name === undefined) print(overview())
    else print(commandHelp(name, await load(name)))
    return 0
  },
}

async function load(name: string): Promise<Command> {
  const entry = commands.find((each) => each.name === name)
  if (entry) return (await entry.load()).command
  const meant = nearest(name, commands.map((each) => each.name))
  throw new UsageError(`there is no command ${JSON.stringify(name)}`, { id: 'unknown-command', fix: meant === undefined ? [] : [`did you mean ${meant}?`] })
}
