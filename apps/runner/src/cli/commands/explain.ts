import type { Command } from '../command.ts'
import { checkMisplaced } from '../flags/misplaced.ts'
import { runConfig } from '../flags/run-config.ts'
import { runFlags } from '../flags/run-flags.ts'
import { say } from '../output.ts'

export const command: Command = {
  usage: '[flags of run] IMAGE COMMAND [ARG…]',
  purpose: 'Prints what run would do: the cgroup, then every system call of the first process, of the container and of who waits, each with its reason. Nothing is done, and no privilege is needed.',
  examples: ['explain host true', 'explain --read-only --memory 64m host sh', 'explain --json -v ./data:/data host ls /data'],
  flags: runFlags.filter(({ name }) => !['explain', 'trace', 'step'].includes(name)),
  stopAtOperand: true,
  async main(args) {
    const warning = checkMisplaced(args, runFlags, 'explain')
    if (warning !== undefined) say(`! ${warning}\n`)
    const { explainRun } = await import('../explain-run.ts')
    return explainRun(runConfig(args, 'explain'), args)
  },
}
