import { nearest } from '../../cli/suggest.ts'
import { commands, type OciCommandEntry } from './commands.ts'
import { OciUsageError } from './flags.ts'
import { print } from './log.ts'
import { globalFlags } from './main.ts'
import type { OciCommands } from './oci-command.ts'
import { commandHelp, overview } from './oci-help.ts'

/** All commands, and what is said of them. */
export const everyCommand: OciCommands = {
  named: async (name) => (await commands.find((each) => each.name === name)?.load())?.command,
  async otherwise(_, global) {
    const [name, about] = global.operands
    if (global.has('version') || name === 'version') return show((await import('./version.ts')).versionText())
    if (name === 'help' && about !== undefined) return show(commandHelp(about, (await entryOf(about).load()).command))
    if (name === undefined || global.has('help') || name === 'help') return show(overview(commands, globalFlags))
    throw noSuchCommand(name)
  },
}

/** @throws OciUsageError there is no such command */
function entryOf(name: string): OciCommandEntry {
  const entry = commands.find((each) => each.name === name)
  if (!entry) throw noSuchCommand(name)
  return entry
}

function noSuchCommand(name: string): OciUsageError {
  const meant = nearest(name, commands.map((each) => each.name))
  return new OciUsageError(`no such command: ${JSON.stringify(name)}; ${meant === undefined ? 'ctrun-oci --help lists them' : `did you mean ${meant}?`}`)
}

function show(text: string): number {
  print(text)
  return 0
}
