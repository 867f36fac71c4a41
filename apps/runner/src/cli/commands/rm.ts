import type { Command } from '../command.ts'
import { print } from '../output.ts'
import { forEachTarget } from '../target.ts'

export const command: Command = {
  usage: '[-f] CONTAINER…',
  purpose: 'Forgets containers that have ended. With -f also those that run: they are killed.',
  examples: ['rm web', 'rm -f web', 'rm $(ctrun ps -aq)'],
  flags: [{ name: 'force', short: 'f', help: 'kill what runs' }, { name: 'json', help: 'errors as JSON too' }],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const { remove } = await import('../../control.ts')
    return forEachTarget(args.operands, args.has('json'), async (record) => {
      await remove(record, { force: args.has('force') })
      print(`${record.state.name}\n`)
    })
  },
}
