import type { OciCommand } from '../oci-command.ts'
import { listed } from '../../state/listed.ts'
import { print } from '../log.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'print the state of a container',
  flags: [],
  operands: [1, 1],
  main(args, { store }) {
    print(JSON.stringify(listed(store, store.find(args.operands[0]!)), null, 2))
    return 0
  },
}
