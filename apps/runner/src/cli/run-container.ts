import { constants } from 'node:os'
import { isatty } from 'node:tty'
import type { ContainerConfig } from '../config.ts'
import { howToStop } from '../how-to-stop.ts'
import { isPrivileged } from '../privileged.ts'
import type { RunningContainer } from '../running-container.ts'
import { start, type StartOptions } from '../start.ts'
import { sweep } from '../stale.ts'
import { newId } from '../store.ts'
import { attend } from './attend.ts'
import { deathOf } from './death.ts'
import { needsRoot, ReportedError } from './errors/report.ts'
import { UsageError } from './errors/usage-error.ts'
import { explainStartFailure } from './errors/start-failure.ts'
import type { Arguments } from './flags/flag.ts'
import { print, say } from './output.ts'
import { onSignals } from './signals.ts'
import { connect } from './stdio.ts'
import { HostTerminal } from './terminal/host-terminal.ts'

const stopping: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

/** Runs a container from its start to its end. @returns the exit status of its command */
export async function runContainer(asked: ContainerConfig, args: Arguments): Promise<number> {
  const config = { ...asked, name: asked.name ?? `c${newId().slice(0, 11)}` }
  const interactive = args.has('interactive')
  if (config.tty && interactive && !isatty(0)) throw new UsageError('the input device is not a TTY', { id: 'no-terminal', fix: ['-t needs a terminal on stdin: leave it out, or run ctrun in one'] })
  const terminal = config.tty && isatty(0) ? HostTerminal.open(0) : undefined
  const step = args.has('step') ? await (await import('./step.ts')).stepper({ stdinTaken: interactive && terminal === undefined }) : undefined
  if (!isPrivileged()) throw new ReportedError(needsRoot(), undefined)
  await sweep()

  // Until the command runs there is nobody to pass a signal on to: it ends the set-up, and what is there already is undone.
  const abort = new AbortController()
  let interrupted: NodeJS.Signals | undefined
  const quiet = onSignals(stopping, (name) => abort.abort(new Interrupted((interrupted = name))))
  const options: StartOptions = {
    signal: abort.signal, stdio: connect({ interactive }).stdio, trace: args.has('trace'),
    ...(step === undefined ? {} : { step: step.pause }),
    ...(terminal === undefined ? {} : { size: terminal.size(), orphan: interactive ? terminal.restoreCalls() : [] }),
  }
  let container: RunningContainer
  try {
    container = await start(config, options)
  } catch (error) {
    if (interrupted !== undefined) {
      if (step !== undefined) say('\n')
      return 128 + constants.signals[interrupted]
    }
    if (step?.aborted) return 125
    throw explainStartFailure(error, config, args, config.name)
  } finally {
    quiet()
    step?.close()
  }
  const outcome = await attend(container, { tty: config.tty ?? false, raw: terminal !== undefined && interactive, terminal, stopTimeoutSeconds: howToStop(config).timeoutSeconds })
  if (args.has('trace')) say((await import('./trace.ts')).traceTable({ plan: container.plan, times: container.times() }))
  const death = deathOf(outcome)
  if (death !== undefined) say(`${death}\n`)
  if (args.has('json')) print(JSON.stringify({ v: 1, id: container.id, name: container.name, exit: outcome.exitCode, origin: 'process', signal: outcome.signal, ...(outcome.reason === undefined ? {} : { reason: outcome.reason }) }) + '\n')
  return outcome.exitCode
}

class Interrupted extends Error {}
