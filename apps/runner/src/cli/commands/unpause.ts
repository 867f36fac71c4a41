import type { Command } from '../command.ts'
import { print } from '../output.ts'
import { forEachTarget } from '../target.ts'

export const command: Command = {
  usage: 'CONTAINER…',
  purpose: 'Lets the processes of a paused container run again.',
  examples: ['unpause web', 'unpause web worker', 'ps'],
  flags: [{ name: 'json', help: 'errors as JSON too' }],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const { unpause } = await import('../../control.ts')
    return forEachTarget(args.operands, args.has('json'), async (record) => {
      await unpause(record)
      print(`${record.state.name}\n`)
    })
  },
}
