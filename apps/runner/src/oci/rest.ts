// All commands, those that are seldom run among them: as making.ts, a file of its own in the build.
import { everyCommand } from './cli/every-command.ts'
import { main } from './cli/main.ts'

export { removeResctrl } from './lifecycle/resctrl.ts'
export { membersOf } from './state/members.ts'

/** Any command, and what is said of them all. */
export const rest = (argv: readonly string[]): Promise<never> => main(argv, everyCommand)
