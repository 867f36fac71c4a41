import { howToStop, type Stopping } from '../../how-to-stop.ts'
import type { Command } from '../command.ts'
import { numberOf } from '../flags/number.ts'
import { parseSignal } from '../flags/signal.ts'
import { print, say } from '../output.ts'
import { receiverOf } from '../signals.ts'
import { forEachTarget } from '../target.ts'

export const command: Command = {
  usage: '[-t SECONDS] [-s SIGNAL] CONTAINER…',
  purpose: 'Asks PID 1 of a container to end, by its stop signal (TERM), and kills it when it has not after its stop timeout (10 s).',
  examples: ['stop web', 'stop -t 1 web', 'stop -s INT web'],
  flags: [
    { name: 'timeout', alias: 'time', short: 't', value: 'SECONDS', help: 'how long before it is killed' },
    { name: 'signal', short: 's', value: 'SIGNAL', help: 'what to ask with' },
    { name: 'json', help: 'errors as JSON too' },
  ],
  operands: [1, Infinity, 'a container'],
  async main(args) {
    const timeout = numberOf(args, 'timeout', { of: 'seconds' })
    const signal = args.one('signal') === undefined ? undefined : (parseSignal(args.one('signal')!, '--signal') as Stopping['signal'])
    const { stop } = await import('../../control.ts')
    return forEachTarget(args.operands, args.has('json'), async (record) => {
      const { config, process } = record.state
      const { signal: chosen, timeoutSeconds: seconds } = howToStop(config, { signal, timeoutSeconds: timeout })
      const receiver = process === undefined || record.status === 'exited' ? undefined : receiverOf(process.pid)
      if (receiver && !receiver.handles(chosen)) say(`! ${receiver.name} (PID 1) has no handler for ${chosen} and ignores it; --init helps · killing in ${seconds} s\n`)
      const killed = await stop(record, { signal: chosen, timeoutSeconds: seconds })
      if (killed) say(`${record.state.name} did not end within ${seconds} s of ${chosen} and was killed\n`)
      print(`${record.state.name}\n`)
    })
  },
}
