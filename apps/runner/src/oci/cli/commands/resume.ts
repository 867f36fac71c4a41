import { thaw } from '@ctr/cgroup'
import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'
import { groupOfState, statusOf } from '../../state/status.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'let the processes of a container go on',
  flags: [],
  operands: [1, 1],
  async main(args, { store }) {
    const state = store.find(args.operands[0]!)
    if (statusOf(store, state) !== 'paused') throw new OciError('container not paused')
    await thaw(groupOfState(state))
    return 0
  },
}
