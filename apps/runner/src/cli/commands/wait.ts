import type { Command } from '../command.ts'
import { print } from '../output.ts'
import { forEachTarget } from '../target.ts'

export const command: Command = {
  usage: 'CONTAINER…',
  purpose: 'Waits until containers have ended, and prints the exit code of each; ? where it was removed before it could be read.',
  examples: ['wait web', 'wait --json web', 'wait web worker'],
  flags: [{ name: 'json', help: 'how it ended, as JSON' }],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const { wait } = await import('../../control.ts')
    return forEachTarget(args.operands, args.has('json'), async (record) => {
      const outcome = await wait(record)
      print(args.has('json') ? JSON.stringify({ v: 1, id: record.state.id, name: record.state.name, outcome: outcome ?? null }) + '\n' : `${outcome?.exitCode ?? '?'}\n`)
    })
  },
}
