import type { Command } from '../command.ts'
import { checkMisplaced } from '../flags/misplaced.ts'
import { runConfig } from '../flags/run-config.ts'
import { runFlags } from '../flags/run-flags.ts'
import { say } from '../output.ts'

export const command: Command = {
  usage: '[flags] IMAGE COMMAND [ARG…]',
  purpose: 'Runs a command in a new container. IMAGE is host (this machine\'s own files, copy-on-write) or a directory. Exit: the command\'s own, 125 ctrun failed, 126 not executable, 127 not found.',
  examples: ['run --rm host sh -c \'echo pid $$ on $(hostname); ps -ef\'', 'run --rm -it --memory 64m --pids-limit 50 host bash', 'run --explain -v ./data:/data:ro host ls /data'],
  flags: runFlags,
  stopAtOperand: true,
  async main(args) {
    const warning = checkMisplaced(args, runFlags, 'run')
    if (warning !== undefined) say(`! ${warning}\n`)
    const config = runConfig(args)
    if (args.has('explain')) {
      const { explainRun } = await import('../explain-run.ts')
      return explainRun(config, args)
    }
    const { runContainer } = await import('../run-container.ts')
    return runContainer(config, args)
  },
}
