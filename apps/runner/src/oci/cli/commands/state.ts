import type { OciCommand } from '../oci-command.ts'
import { reportedState, statusOf } from '../../state/status.ts'
import { print } from '../log.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'print the state of a container',
  flags: [],
  operands: [1, 1],
  main(args, { store }) {
    const state = store.find(args.operands[0]!)
    print(JSON.stringify({ ...reportedState(state, statusOf(store, state)), rootfs: state.rootfs, created: state.created }, null, 2))
    return 0
  },
}
