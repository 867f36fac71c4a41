import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { cloneInto, joinCalls } from '@ctr/cgroup'
import { launch, type LaunchedProcess, type LaunchOptions, type Plan, type Stdio } from '@ctr/launch'
import { workingDirectory } from '@ctr/rootfs'
import { sys, SyscallError, type Constant, type Program } from '@ctr/syscall'
import { hostnameOf } from './config.ts'
import { groupOf, type ContainerRecord } from './containers.ts'
import type { Facts } from './facts.ts'
import { NotRunningError, withProcess } from './held-process.ts'
import { credentials } from './program/credentials.ts'
import { environment, execute } from './program/execute.ts'
import { resetAttributes, resetHostAttributes, resetPolicy } from './program/inherited.ts'
import { ownNamespaces } from './program/namespaces.ts'
import { openTerminal, takeTerminal, terminalCheckpoint } from './program/terminal.ts'
import { paused, PausedError } from './paused.ts'
import { readInRoot } from './read-in-root.ts'
import { alive } from './store.ts'
import { readCapabilities, readInherited } from './read-facts.ts'
import { takeMaster, type TerminalSize } from './terminal.ts'
import { TerminalStreams } from './terminal.ts'
import { resolveUser } from './user.ts'

/** A command to be run in a container that is running. What is absent is as for the container's own command. */
export interface ExecConfig {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly user?: string
  readonly tty?: boolean
  /** All capabilities, as `docker exec --privileged`: not supported, so absent. */
  readonly noNewPrivileges?: boolean
}

export interface ExecOptions extends Pick<LaunchOptions, 'trace' | 'step' | 'fault' | 'signal' | 'orphan'> {
  readonly stdio?: Stdio | readonly [Stdio, Stdio, Stdio]
  readonly size?: TerminalSize
}

/** What has to be known of a container to join it. */
export type ExecFacts = Pick<Facts, 'passwd' | 'group' | 'lastCap' | 'bounding' | 'machine' | 'kernel' | 'inherited'>

/** A command that runs in a container beside its own. */
export interface ExecutedProcess {
  readonly pid: number
  /** Everything that was made to start it. */
  readonly plan: Plan
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly exited: Promise<{ readonly exitCode: number; readonly signal: string | null }>
  kill(signal?: Constant<'signal'>): boolean
  resize(size: TerminalSize): void
}

/** What the process does to be in the container: data, as for the container itself. */
export interface Joining {
  /** Before clone3, while the host is in view. */
  readonly stage: Program
  /** Behind it, inside. */
  readonly program: Program
  readonly namespaces: readonly Constant<'setns'>[]
  readonly cgroup: string | undefined
}

/** The command as data. */
export function joining({ state }: ContainerRecord, exec: ExecConfig, facts: ExecFacts): Joining {
  const { config } = state
  const user = resolveUser(exec.user ?? config.user ?? '0', facts.passwd, facts.group)
  const where = groupOf(state)
  const cgroup = cloneInto(where)
  // The files have to be opened while the host's are in view, and written by the process that is to be in the group.
  const join = joinCalls(where, { clonedInto: cgroup !== undefined })
  const tty = exec.tty ?? false
  const { limit, filter } = credentials({ ...config, ...(exec.noNewPrivileges === undefined ? {} : { noNewPrivileges: exec.noNewPrivileges }) }, user, facts)
  const env = environment({ ...config.env, ...exec.env }, { home: user.home, hostname: hostnameOf(config), tty })
  return {
    stage: [...resetHostAttributes(facts.inherited), ...join.filter((call) => call.name === 'openat')],
    program: [
      ...resetPolicy(facts.inherited),
      ...join.filter((call) => call.name !== 'openat'),
      sys.setns({ fd: 'joined' }, ['CLONE_NEWCGROUP'], 'the group had to be joined before: from inside it cannot be named'),
      sys.close({ fd: 'joined' }, 'a descriptor of a host process must not reach the command'),
      sys.setsid('the session of whoever started us is not the container\'s'),
      ...workingDirectory({ path: exec.cwd ?? config.cwd ?? '/' }),
      ...(tty ? openTerminal(user.uid) : []),
      ...resetAttributes(facts.inherited, config.ulimits),
      ...limit,
      ...(tty ? takeTerminal() : []),
      ...filter,
      ...execute(exec.args, env),
    ],
    namespaces: ownNamespaces(config),
    cgroup,
  }
}

/**
 * A command runs in a container, with the same view, limits and capabilities as the container's own.
 *
 * @throws NotRunningError
 * @throws PausedError
 * @throws SyscallError the kernel refused a call; nothing is left
 */
export function exec(record: ContainerRecord, config: ExecConfig, options: ExecOptions = {}): Promise<ExecutedProcess> {
  return withProcess(record.state, async (pidfd) => {
    // A process that joins a frozen group is frozen with it, and we would wait for it.
    if (paused(groupOf(record.state))) throw new PausedError(record.state.name)
    const root = `/proc/${record.state.process!.pid}/root`
    const { stage, program, namespaces, cgroup } = joining(record, config, {
      passwd: readInRoot(root, 'etc/passwd'), group: readInRoot(root, 'etc/group'), ...readCapabilities(), inherited: readInherited(),
    })
    let master: number | undefined
    try {
      const { size = { columns: 80, rows: 24 }, stdio = ['ignore', 'pipe', 'pipe'], ...rest } = options
      const process = await launch(program, {
        ...rest, stage, join: { pidfd, namespaces }, name: 'ctr-exec', ...(cgroup === undefined ? {} : { cgroup }), stdio: config.tty ? 'ignore' : stdio,
        checkpoints: { [terminalCheckpoint]: (waiting) => { master = takeMaster(waiting, size) } },
      })
      return executed(process, master)
    } catch (error) {
      if (master !== undefined) closeSync(master)
      // Whatever call it was that failed, the container had ended.
      throw error instanceof SyscallError && !alive(record.state.process) ? new NotRunningError(record.state.name, { cause: error }) : error
    }
  })
}

function executed(process: LaunchedProcess, master: number | undefined): ExecutedProcess {
  const terminal = master === undefined ? undefined : new TerminalStreams(master)
  return {
    pid: process.pid,
    plan: process.plan,
    stdin: terminal?.input ?? process.stdin,
    stdout: terminal?.output ?? process.stdout,
    stderr: process.stderr,
    exited: process.exited.then(async ({ status, signal }) => {
      await process.closed
      return { exitCode: status, signal }
    }),
    kill: (signal) => process.kill(signal),
    resize: (size) => terminal?.resize(size),
  }
}
