import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Program } from '@ctr/syscall'
import { close } from './descriptor.ts'
import { planFor } from './plan-for.ts'
import type { LaunchOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { makeBlocking } from './spawn/blocking.ts'
import { command, type Command } from './spawn/command.ts'
import { spawnFailure } from './spawn/error.ts'
import type { SpawnOptions } from './spawn/options.ts'
import { SpawnedProcess } from './spawn/process.ts'
import { spawnProgram } from './spawn/program.ts'
import { signalName } from './spawn/signal.ts'
import { leaveToProcess, spawnStdio } from './spawn/stdio.ts'
import { Started } from './started.ts'
import { openTerminalPair, TerminalStreams } from './terminal.ts'
import type { Terminal } from './terminal.ts'

export { SpawnedProcess }
export type { SpawnFailure } from './spawn/error.ts'
export type { SpawnOptions, SpawnStdio } from './spawn/options.ts'

/**
 * A new process executes a file, with the options, events and streams of child_process's `spawn`, and with what that has not.
 *
 * Node is not forked: the event loop is blocked for the same fraction of a millisecond whatever memory it has. The file is executed a
 * moment after this returns, so the kernel's refusals come as an 'error' event, all of them.
 *
 * @param file a path, or a name that is looked for in PATH
 * @returns the process, on its way
 * @throws {TypeError} an argument or option is none
 * @throws {RangeError} a number is out of the range of its option
 * @see execve(2), execvp(3)
 *
 * @example
 * ```ts
 * import { spawn } from '@ctr/launch/spawn'
 *
 * const child = spawn('sh', ['-c', 'echo $$; ulimit -n'], { namespaces: ['CLONE_NEWPID'], rlimits: { RLIMIT_NOFILE: 64 } })
 * child.stdout.on('data', (data) => console.log(String(data))) // 1, 64
 * child.on('close', (code) => console.log(code)) // 0
 * ```
 */
export function spawn(file: string, args?: readonly string[], options?: SpawnOptions): SpawnedProcess
export function spawn(file: string, options?: SpawnOptions): SpawnedProcess
export function spawn(file: string, second: readonly string[] | SpawnOptions = [], third: SpawnOptions = {}): SpawnedProcess {
  const [args, options] = split(second, third)
  if (options.killSignal !== undefined) signalName(options.killSignal)
  const { timeout = 0 } = options
  if (!Number.isInteger(timeout) || timeout < 0) throw new RangeError(`Cannot wait ${timeout} milliseconds`)
  const executed = command(file, args, options)
  const program = programOf(executed, options)
  let terminal: Terminal | undefined
  let started: Started | undefined
  let failure: Error | undefined
  try {
    terminal = options.terminal && openTerminalPair(options.terminal)
    const launching = launchOptions(options, terminal)
    if (!terminal) makeBlocking(spawnStdio(options.stdio))
    started = new Started(program, launching)
    leaveToProcess(options.stdio)
  } catch (error) {
    if (terminal) close(terminal.master)
    // What was wrong before anything was started is thrown, as Node does it.
    if (spawnFailure(error, file, args) === undefined) throw error
    failure = error as Error
  } finally {
    if (terminal) close(terminal.slave)
  }
  const streams = started && terminal ? new TerminalStreams(terminal.master) : undefined
  const stdio = started?.streams.stdio ?? spawnStdio(options.terminal ? 'ignore' : options.stdio).map((kind) => (kind === 'pipe' ? new Socket() : null))
  return new SpawnedProcess({ file: executed.file, args: executed.args, started, failure, terminal: streams, stdio }, options)
}

/**
 * All calls that `spawn` would have made, as data: for `explain`.
 *
 * @throws as `spawn`
 */
export function spawnPlan(file: string, args: readonly string[] = [], options: SpawnOptions = {}): Plan {
  return planFor(programOf(command(file, args, options), options), launchOptions(options, options.terminal && { master: -1, slave: 0 }))
}

function programOf(executed: Command, { cwd, ...options }: SpawnOptions): Program {
  return spawnProgram(executed, { ...options, cwd: cwd instanceof URL ? fileURLToPath(cwd) : cwd }, process.pid)
}

function split(second: readonly string[] | SpawnOptions, third: SpawnOptions): [readonly string[], SpawnOptions] {
  return Array.isArray(second) ? [second as readonly string[], third] : [[], (second ?? {}) as SpawnOptions]
}

function launchOptions(options: SpawnOptions, terminal: Terminal | undefined): LaunchOptions {
  const { namespaces, join, cgroup, stage, idMaps, checkpoints, cwd } = options
  return {
    ...(namespaces ? { namespaces } : {}), ...(join ? { join } : {}), ...(cgroup === undefined ? {} : { cgroup }), ...(stage ? { stage } : {}), ...(idMaps ? { idMaps } : {}), ...(checkpoints ? { checkpoints } : {}),
    pass: { ...options.pass, ...(typeof cwd === 'number' ? { cwd } : {}) },
    stdio: terminal ? [terminal.slave, terminal.slave, terminal.slave] : spawnStdio(options.stdio),
    detached: !(options.endsWithParent ?? false),
  }
}
