import type { OciCommand } from '../oci-command.ts'
import { start } from '../../lifecycle/start.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'let the command of a container run',
  flags: [],
  operands: [1, 1],
  async main(args, { store, warn }) {
    await start(store, args.operands[0]!, warn)
    return 0
  },
}
