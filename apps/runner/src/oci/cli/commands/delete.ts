import type { OciCommand } from '../oci-command.ts'
import { remove } from '../../lifecycle/remove.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'remove what is left of a container',
  flags: [{ name: 'force', short: 'f', help: 'kill it first; none of this id is no error' }],
  operands: [1, 1],
  async main(args, { store, warn }) {
    await remove(store, args.operands[0]!, { force: args.has('force'), warn })
    return 0
  },
}
