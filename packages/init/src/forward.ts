import type { Assembler } from '@ctr/elf'
import { payloadDescriptor } from './adopt.ts'
import { minus, value } from './kernel.ts'
import type { Settled } from './options.ts'
import { call } from './write.ts'

/**
 * A routine: sends the signal `s2` to the payload, or to its process group.
 *
 * The payload is signalled by number only while it is not reaped, by the one process that could reap it: its PID cannot
 * have been given to another. Errors other than "no such group" are of no use to anybody: it may be a zombie, or setuid.
 */
export function deliver(a: Assembler, { group }: Settled): void {
  a.label('deliver')
  a.branch('eq', 's1', 0, 'deliver.adopted')
  if (group) {
    a.mov('s3', 's1')
    a.neg('s3')
    call(a, 'kill', 's3', 's2')
    // Its process group does not exist yet: the signal waits, blocked, until it does.
    a.branch('ne', 'result', minus('ESRCH'), 'deliver.done')
  }
  call(a, 'kill', 's1', 's2')
  a.ret()

  a.label('deliver.adopted')
  if (group) {
    call(a, 'pidfd_send_signal', payloadDescriptor, 's2', 0, value('PIDFD_SIGNAL_PROCESS_GROUP'))
    // EINVAL before Linux 6.9, ESRCH if it leads no group: then at least the payload itself.
    a.branch('eq', 'result', 0, 'deliver.done')
  }
  call(a, 'pidfd_send_signal', payloadDescriptor, 's2', 0, 0)
  a.label('deliver.done')
  a.ret()
}
