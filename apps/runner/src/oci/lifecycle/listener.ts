import { closeSync } from 'node:fs'
import type { LaunchedProcess } from '@ctr/launch'
import { descriptors, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import type { OciConfig } from '../config/config-shape.ts'
import { listenerCheckpoint } from '../program/filter.ts'
import type { ReportedState } from '../state/status.ts'
import { sendDescriptor } from './send-descriptor.ts'

/**
 * The agent at `linux.seccomp.listenerPath` has the descriptor at which it learns of calls and answers them.
 *
 * It is taken by pidfd: the process itself may not be able to send anything any more.
 *
 * @see OCI runtime-spec config-linux.md, The Container Process State; seccomp_unotify(2)
 */
export function handListenerOver(process: LaunchedProcess, { linux }: OciConfig, state: ReportedState): void {
  const { program, open } = process.plan
  const index = program.findIndex((call) => call.name === 'write' && call.args[1] === `${listenerCheckpoint}\n`)
  const theirs = descriptors(program, open).at(index, 'listener')
  if (theirs === undefined) throw new Error('The program has no listener')
  const listener = perform([sys.pidfd_getfd(process.pidfd, theirs, { as: 'listener', why: 'the agent decides about calls of this process' })]).fds['listener']!
  try {
    const metadata = linux?.seccomp?.listenerMetadata
    sendDescriptor(linux!.seccomp!.listenerPath!, listener, JSON.stringify({ ociVersion: state.ociVersion, fds: ['seccompFd'], pid: process.pid, ...(metadata === undefined ? {} : { metadata }), state }))
  } finally {
    closeSync(listener)
  }
}
