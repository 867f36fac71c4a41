import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'
import { command as checkpoint } from './checkpoint.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'not supported: see checkpoint',
  flags: [...checkpoint.flags, { name: 'bundle', short: 'b', value: 'DIR', help: 'the same' }, { name: 'detach', short: 'd', help: 'the same' }, { name: 'console-socket', value: 'SOCKET', help: 'the same' }, { name: 'pid-file', value: 'FILE', help: 'the same' }, { name: 'no-pivot', help: 'the same' }],
  operands: [1, 1],
  main() {
    throw new OciError('restore is not supported: this runtime does not drive CRIU')
  },
}
