import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'not supported: a container cannot be written to files and started again from them',
  flags: [
    { name: 'image-path', value: 'DIR', help: 'accepted, to say that it is not supported' }, { name: 'work-path', value: 'DIR', help: 'the same' },
    { name: 'leave-running', help: 'the same' }, { name: 'parent-path', value: 'DIR', help: 'the same' }, { name: 'tcp-established', help: 'the same' }, { name: 'ext-unix-sk', help: 'the same' },
    { name: 'shell-job', help: 'the same' }, { name: 'lazy-pages', help: 'the same' }, { name: 'file-locks', help: 'the same' }, { name: 'pre-dump', help: 'the same' },
    { name: 'manage-cgroups-mode', value: 'MODE', help: 'the same' }, { name: 'empty-ns', value: 'TYPE', many: true, help: 'the same' }, { name: 'auto-dedup', help: 'the same' },
  ],
  operands: [1, 1],
  main() {
    throw new OciError('checkpoint is not supported: this runtime does not drive CRIU')
  },
}
