import type { Program } from '@ctr/syscall'
import { ioPriority } from '../calls/io-priority.ts'
import { parentDeathSignal } from '../calls/parent-death.ts'
import { rlimits } from '../calls/rlimits.ts'
import { affinity, nice, scheduler } from '../calls/scheduling.ts'
import { newSession, processGroup } from '../calls/session.ts'
import { startIn } from '../calls/start-in.ts'
import { controllingTerminal } from '../calls/terminal.ts'
import { umask } from '../calls/umask.ts'
import { becomeUser } from '../calls/user.ts'
import { execute, type Command } from './command.ts'
import type { SpawnOptions } from './options.ts'

/**
 * The calls of a spawned process. What needs rights comes before they are given up; what a change of user takes back comes behind it; the
 * directory is entered with our rights, as Node has it.
 *
 * @param parent our PID
 */
export function spawnProgram(command: Command, options: Omit<SpawnOptions, 'cwd'> & { readonly cwd?: string | number | undefined }, parent: number): Program {
  const { cwd, uid, gid, groups, detached = false, terminal, namespaces = [] } = options
  if (detached && options.processGroup !== undefined) throw new TypeError('Cannot be in a process group of another session: detached makes one of its own')
  return [
    ...(detached || terminal ? newSession() : []),
    ...(options.processGroup === undefined ? [] : processGroup(options.processGroup)),
    ...(terminal ? controllingTerminal(0) : []),
    ...(options.affinity ? affinity(options.affinity) : []),
    ...(options.nice === undefined ? [] : nice(options.nice)),
    ...(options.scheduler ? scheduler(options.scheduler) : []),
    ...(options.ioPriority ? ioPriority(options.ioPriority) : []),
    ...(options.calls ?? []),
    ...(options.rlimits ? rlimits(options.rlimits) : []),
    ...(options.umask === undefined ? [] : umask(options.umask)),
    ...(cwd === undefined ? [] : startIn(typeof cwd === 'number' ? { fd: 'cwd' } : cwd)),
    ...(uid === undefined && gid === undefined ? [] : becomeUser({ uid, gid, groups })),
    ...(options.parentDeathSignal === undefined ? [] : parentDeathSignal(options.parentDeathSignal, namespaces.includes('CLONE_NEWPID') ? undefined : parent)),
    ...execute(command),
  ]
}
