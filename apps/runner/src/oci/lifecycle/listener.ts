import { closeSync } from 'node:fs'
import type { LaunchedProcess } from '@ctr/launch'
import { descriptors, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { receiveDescriptor } from '../../terminal.ts'
import type { OciConfig } from '../config/config-shape.ts'
import { listenerCheckpoint } from '../program/filter.ts'
import type { ReportedState } from '../state/status.ts'
import { sendDescriptor } from './send-descriptor.ts'

/**
 * The agent at `linux.seccomp.listenerPath` has the descriptor at which it learns of calls and answers them.
 *
 * It is taken by pidfd where that is allowed: the process itself may not be able to send anything any more.
 *
 * @param waiting at the checkpoint of its listener
 * @param from the socket to which it has sent it, where it cannot be taken
 * @see OCI runtime-spec config-linux.md, The Container Process State; seccomp_unotify(2)
 */
export function handListenerOver(waiting: LaunchedProcess, { linux }: OciConfig, state: ReportedState, from?: number): void {
  const listener = from === undefined ? take(waiting) : receiveDescriptor(from)
  // It has died before it sent it: launch has the words for that.
  if (listener === undefined) return
  try {
    const metadata = linux?.seccomp?.listenerMetadata
    sendDescriptor(linux!.seccomp!.listenerPath!, listener, JSON.stringify({ ociVersion: state.ociVersion, fds: ['seccompFd'], pid: waiting.pid, ...(metadata === undefined ? {} : { metadata }), state }))
  } finally {
    closeSync(listener)
  }
}

function take({ plan: { program, open }, pidfd }: LaunchedProcess): number {
  const index = program.findIndex((call) => call.name === 'write' && call.args[1] === `${listenerCheckpoint}\n`)
  const theirs = descriptors(program, open).at(index, 'listener')
  if (theirs === undefined) throw new Error('The program has no listener')
  return perform([sys.pidfd_getfd(pidfd, theirs, { as: 'listener', why: 'the agent decides about calls of this process' })]).fds['listener']!
}
