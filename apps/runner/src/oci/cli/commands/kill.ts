import type { OciCommand } from '../oci-command.ts'
import { kill, parseSignal } from '../../lifecycle/kill.ts'

export const command: OciCommand = {
  usage: 'ID [SIGNAL]',
  about: 'send a signal to a container',
  flags: [{ name: 'all', short: 'a', help: 'to all processes of its group' }],
  operands: [1, 2],
  async main(args, { store }) {
    const [id, signal = 'SIGTERM'] = args.operands
    await kill(store, id!, parseSignal(signal), { all: args.has('all') })
    return 0
  },
}
