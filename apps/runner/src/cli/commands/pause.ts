import type { Command } from '../command.ts'
import { print } from '../output.ts'
import { forEachTarget } from '../target.ts'

export const command: Command = {
  usage: 'CONTAINER…',
  purpose: 'Lets nothing in a container run: its processes stay as they are, and use no CPU.',
  examples: ['pause web', 'pause web worker', 'ps'],
  flags: [{ name: 'json', help: 'errors as JSON too' }],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const { pause } = await import('../../control.ts')
    return forEachTarget(args.operands, args.has('json'), async (record) => {
      await pause(record)
      print(`${record.state.name}\n`)
    })
  },
}
