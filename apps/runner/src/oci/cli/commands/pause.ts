import { freeze } from '@ctr/cgroup'
import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'
import { neededGroup, statusOf } from '../../state/status.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'stop all processes of a container',
  flags: [],
  operands: [1, 1],
  async main(args, { store }) {
    const state = store.find(args.operands[0]!)
    const status = statusOf(store, state)
    if (status !== 'running' && status !== 'created') throw new OciError(`container not running: it is ${status}`)
    await freeze(neededGroup(state, 'pause'))
    return 0
  },
}
