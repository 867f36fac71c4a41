import { isatty } from 'node:tty'
import { SyscallError } from '@ctr/syscall'
import type { ContainerRecord } from '../containers.ts'
import { exec, type ExecConfig, type ExecutedProcess } from '../exec.ts'
import { howToStop } from '../how-to-stop.ts'
import { attend } from './attend.ts'
import { findCause } from './errors/probes.ts'
import { ReportedError } from './errors/report.ts'
import { shortCall } from './errors/short-call.ts'
import { UsageError } from './errors/usage-error.ts'
import type { Arguments } from './flags/flag.ts'
import { print } from './output.ts'
import { connect } from './stdio.ts'
import { inWords } from './target.ts'
import { HostTerminal } from './terminal/host-terminal.ts'

/** Runs a command in a container to its end. @returns its exit status */
export async function execInContainer(record: ContainerRecord, config: ExecConfig, args: Arguments): Promise<number> {
  const interactive = args.has('interactive')
  const tty = config.tty ?? false
  if (record.status === 'paused') throw new UsageError(`${record.state.name} is paused: nothing in it runs`, { id: 'paused', fix: [`ctrun unpause ${record.state.name}`] })
  if (tty && interactive && !isatty(0)) throw new UsageError('the input device is not a TTY', { id: 'no-terminal', fix: ['-t needs a terminal on stdin: leave it out, or run ctrun in one'] })
  const terminal = tty && isatty(0) ? HostTerminal.open(0) : undefined
  const raw = terminal !== undefined && interactive
  let executed: ExecutedProcess
  try {
    executed = await exec(record, config, {
      stdio: connect({ interactive }).stdio,
      ...(terminal === undefined ? {} : { size: terminal.size(), orphan: raw ? terminal.restoreCalls() : [] }),
    })
  } catch (error) {
    throw await reported(error, record, config)
  }
  const { exitCode, signal } = await attend(executed, { tty, raw, terminal, stopTimeoutSeconds: howToStop().timeoutSeconds })
  if (args.has('json')) print(JSON.stringify({ v: 1, id: record.state.id, name: record.state.name, exit: exitCode, origin: 'process', signal }) + '\n')
  return exitCode
}

async function reported(error: unknown, { state }: ContainerRecord, config: ExecConfig): Promise<unknown> {
  if (error instanceof TypeError || error instanceof RangeError) return new UsageError(error.message.split('\n')[0]!, { id: 'bad-config' })
  if (!(error instanceof SyscallError)) return inWords(error)
  const { call, code, index, of } = error
  const { cause, fix = [] } = findCause(error, { ...state.config, ...config, rootfs: `/proc/${state.process!.pid}/root`, mounts: [] })
  return new ReportedError({
    id: `${call.name}-${code}`.toLowerCase(), headline: `exec failed at step ${index + 1}/${of}`, errno: code,
    step: { index: index + 1, of, sys: call.name, args: call.args, why: call.why, text: shortCall(call) },
    causes: cause === undefined ? [] : [cause], fix, ...(call.name === 'execve' ? { from: `COMMAND ${config.args[0]}` } : {}), undone: index, leftovers: [],
    exit: call.name !== 'execve' ? 125 : code === 'ENOENT' || code === 'ENOTDIR' ? 127 : 126,
  }, error)
}
