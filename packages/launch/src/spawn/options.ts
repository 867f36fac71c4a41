import type { Constant, Program } from '@ctr/syscall'
import type { IoPriority } from '../calls/io-priority.ts'
import type { Rlimits } from '../calls/rlimits.ts'
import type { Scheduler } from '../calls/scheduling.ts'
import type { LaunchOptions } from '../options.ts'
import type { TerminalSize } from '../terminal-size.ts'

/** A stream that has a descriptor: a socket, a terminal, an open file. */
export interface WithDescriptor {
  readonly fd?: unknown
  readonly _handle?: unknown
}

/** Where one descriptor goes, as in node:child_process; undefined and null are 'pipe' for the first three, and 'ignore' beyond. */
export type SpawnStdio = 'pipe' | 'overlapped' | 'inherit' | 'ignore' | number | WithDescriptor | null | undefined

/** What node:child_process has under the same names, and below it what it has not. */
export interface SpawnOptions extends Pick<LaunchOptions, 'namespaces' | 'join' | 'cgroup' | 'stage' | 'idMaps' | 'pass' | 'checkpoints'> {
  /** Where it starts: a path, a `file:` URL, or the descriptor of a directory. Default: where we are. */
  readonly cwd?: string | URL | number | undefined
  /** Default: `process.env`. The command is looked for in its PATH. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** What the process finds as its own name. Default: the file as it was given. */
  readonly argv0?: string | undefined
  /** Default: all three 'pipe'. What is beyond the third is its descriptor of that number; a pipe there goes both ways. */
  readonly stdio?: 'pipe' | 'overlapped' | 'inherit' | 'ignore' | readonly SpawnStdio[] | undefined
  /** It leads a session and a process group of its own. As in Node, it outlives us either way. */
  readonly detached?: boolean | undefined
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  /** Run in /bin/sh, or the shell of this path. */
  readonly shell?: boolean | string | undefined
  /** Sends `killSignal`, and emits an AbortError. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds after which `killSignal` is sent. */
  readonly timeout?: number | undefined
  /** Default SIGTERM. */
  readonly killSignal?: NodeJS.Signals | number | undefined

  /** Supplementary groups, where `uid` or `gid` is given. Default: none. */
  readonly groups?: readonly number[] | undefined
  /** It is killed when we end, however that is. A life line, not a signal: it does not depend on the thread that started it. */
  readonly endsWithParent?: boolean | undefined
  /** The signal it gets when the thread that started it has ended. See `parentDeathSignal` of `@ctr/launch/calls`. */
  readonly parentDeathSignal?: Constant<'signal'> | undefined
  /** A process group: 0 for one of its own, or that of another process. */
  readonly processGroup?: number | undefined
  /** It has a terminal of this size as 0, 1 and 2, and leads a session with it. */
  readonly terminal?: TerminalSize | undefined
  readonly rlimits?: Rlimits | undefined
  readonly nice?: number | undefined
  readonly scheduler?: Scheduler | undefined
  /** The processors it runs on. */
  readonly affinity?: readonly number[] | undefined
  readonly ioPriority?: IoPriority | undefined
  readonly umask?: number | undefined
  /** More calls for it to make, in its new namespaces, while it still has our rights: of any package, or `sys`. */
  readonly calls?: Program | undefined
}
