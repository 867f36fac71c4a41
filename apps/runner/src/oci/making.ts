// What starts a process, and so needs system calls: a file of its own in the build, beside that of the frequent commands, which are to
// start fast. It has classes of its own there: who catches an error from here looks at its message, not at its class.
import { command as create } from './cli/commands/create.ts'
import { command as exec } from './cli/commands/exec.ts'
import { command as run } from './cli/commands/run.ts'
import { main } from './cli/main.ts'
import type { OciCommands } from './cli/oci-command.ts'

export { runKeptHooks } from './lifecycle/kept-hooks.ts'
export { stopUnit } from './lifecycle/unit.ts'

const commands = new Map(Object.entries({ create, exec, run }))

const makingCommands: OciCommands = {
  named: (name) => commands.get(name),
  otherwise: async (argv) => (await import('./rest.ts')).rest(argv),
}

export const making = (argv: readonly string[]): Promise<never> => main(argv, makingCommands)
