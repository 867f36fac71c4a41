import { command as remove } from './commands/delete.ts'
import { command as kill } from './commands/kill.ts'
import { command as start } from './commands/start.ts'
import { command as state } from './commands/state.ts'
import type { OciCommands } from './oci-command.ts'

const commands = new Map(Object.entries({ delete: remove, kill, start, state }))

/** What engines run for every container and needs little. */
export const frequentCommands: OciCommands = {
  named: (name) => commands.get(name),
  async otherwise(argv, { operands: [name = ''] }) {
    if (['create', 'exec', 'run'].includes(name)) return (await import('../making.ts')).making(argv)
    return (await import('../rest.ts')).rest(argv)
  },
}
