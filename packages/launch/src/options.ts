import type { Constant, Program, Syscall } from '@ctr/syscall'
import type { IdMaps } from './id-map.ts'
import type { CgroupBy } from './plan.ts'
import type { LaunchedProcess } from './process.ts'
import type { Stdio } from './stdio-list.ts'
import type { Fault } from './weave.ts'

export interface LaunchOptions {
  /** New namespaces for the process. */
  readonly namespaces?: readonly Constant<'clone'>[]
  /** Namespaces of another process to be in, by its pidfd. */
  readonly join?: { readonly pidfd: number; readonly namespaces: readonly Constant<'setns'>[] }
  /** A cgroup v2 directory to start in: nothing of the program runs anywhere else. */
  readonly cgroup?: string
  /**
   * By what it comes there. Default: `clone3`, and where the kernel has killed the new process for it, in a second attempt, `cgroup.procs`,
   * which takes some milliseconds longer. Linux since 6.14, and since February 2025 in its stable versions, does that where processes of the group
   * were ended through `cgroup.kill` once, or those of our own group were, unless both were as often.
   *
   * @see cgroup_css_set_fork in kernel/cgroup/cgroup.c: it compares kill_seq of the new group with that of the caller's
   */
  readonly cgroupBy?: CgroupBy
  /** Calls made before clone3, in our own namespaces: joining cgroups of version 1. */
  readonly stage?: Program
  /** 0, 1 and 2, and what is executed gets beyond them: 'ignore' leaves a number free. Default: all three 'inherit'. */
  readonly stdio?: Stdio | readonly [Stdio, Stdio, Stdio, ...Stdio[]]
  /** More descriptors for the program, by the name it uses for them. */
  readonly pass?: Readonly<Record<string, number>>
  /** Ids of a new user namespace, or what writes them where we may not. The program starts when they are written. */
  readonly idMaps?: IdMaps | ((process: LaunchedProcess) => void | Promise<void>)
  /**
   * Processes of our user may look at the process up to its execve. Where we have no privilege in our own user namespace, we can take no
   * descriptor of it and join no namespace of it otherwise. Not for one that joins others, who may be in there to wait for it.
   */
  readonly traceable?: boolean
  /** What to do when the program has come to a checkpoint of this name; it waits until that is done. */
  readonly checkpoints?: Readonly<Record<string, (process: LaunchedProcess) => void | Promise<void>>>
  /** What is to be made if we die first, after the process was killed. */
  readonly orphan?: Program
  /** What the calling process goes on with after each clone3 in the program. */
  readonly forks?: readonly Program[]
  /** The process may outlive us. */
  readonly detached?: boolean
  /** Read the clock around each call: `process.times()`. */
  readonly trace?: boolean
  /** Called before each call but the first; the process waits in its half-built state. */
  readonly step?: (index: number, call: Syscall, process: LaunchedProcess) => void | Promise<void>
  /** Makes one call fail, for tests. */
  readonly fault?: Fault
  /** Kills the process, at whatever point it is. */
  readonly signal?: AbortSignal
  /** How the interpreter is executed: default a sealed memfd, and the packaged file where that is forbidden. */
  readonly image?: 'memfd' | 'file'
  /** What the process is called until it execs. */
  readonly name?: string
}
