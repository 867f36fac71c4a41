import type { Command } from '../command.ts'
import { environmentOf } from '../flags/environment.ts'
import { checkMisplaced } from '../flags/misplaced.ts'
import type { Flag } from '../flags/flag.ts'
import { target } from '../target.ts'
import { say } from '../output.ts'

const flags: readonly Flag[] = [
  { name: 'interactive', short: 'i', help: 'pass our stdin on' },
  { name: 'tty', short: 't', help: 'a terminal of its own; -it for a shell' },
  { name: 'env', short: 'e', value: 'K=V', repeat: true, help: 'a variable; K alone takes ours' },
  { name: 'env-file', value: 'FILE', repeat: true, help: 'variables, a line each' },
  { name: 'workdir', short: 'w', value: 'DIR', help: 'where the command starts' },
  { name: 'user', short: 'u', value: 'USER', help: 'name, uid, name:group or uid:gid' },
  { name: 'json', help: 'how it ended, or failed, as JSON' },
]

export const command: Command = {
  usage: '[flags] CONTAINER COMMAND [ARG…]',
  purpose: 'Runs another command in a container that runs: with its view, its limits and its capabilities.',
  examples: ['exec web ps -ef', 'exec -it web sh', 'exec -u nobody -w /tmp web id'],
  flags,
  stopAtOperand: true,
  operands: [2, Infinity, 'a container and a command'],
  async main(args) {
    const warning = checkMisplaced(args, flags, 'exec')
    if (warning !== undefined) say(`! ${warning}\n`)
    const [name = '', ...words] = args.operands
    const record = await target(name)
    const env = environmentOf(args)
    const [cwd, user] = [args.one('workdir'), args.one('user')]
    const { execInContainer } = await import('../exec-in-container.ts')
    return execInContainer(record, {
      args: words[0] === '--' ? words.slice(1) : words,
      ...(Object.keys(env).length === 0 ? {} : { env }), ...(cwd === undefined ? {} : { cwd }), ...(user === undefined ? {} : { user }), ...(args.has('tty') ? { tty: true } : {}),
    }, args)
  },
}
