import type { Command } from '../command.ts'
import { parseSignal } from '../flags/signal.ts'
import { print } from '../output.ts'
import { forEachTarget } from '../target.ts'

export const command: Command = {
  usage: '[-s SIGNAL] CONTAINER…',
  purpose: 'Sends a signal, KILL by default, to PID 1 of a container. The kernel keeps from PID 1 what it has no handler for, except KILL and STOP.',
  examples: ['kill web', 'kill -s HUP web', 'kill -s USR1 web worker'],
  flags: [{ name: 'signal', short: 's', value: 'SIGNAL', help: 'a name or number (KILL)' }, { name: 'json', help: 'errors as JSON too' }],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const signal = parseSignal(args.one('signal') ?? 'KILL', '--signal')
    const { kill } = await import('../../control.ts')
    return forEachTarget(args.operands, args.has('json'), async (record) => {
      await kill(record, signal as Parameters<typeof kill>[1])
      print(`${record.state.name}\n`)
    })
  },
}
