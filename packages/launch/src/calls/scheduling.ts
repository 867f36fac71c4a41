import { sys, type Constant, type Program } from '@ctr/syscall'

/** How the kernel chooses when the process runs (sched(7)). Times are in nanoseconds. */
export interface Scheduler {
  readonly policy: Constant<'sched'>
  /** For SCHED_OTHER and SCHED_BATCH: -20, the most, to 19. Default 0, whatever ours is. */
  readonly nice?: number
  /** For SCHED_FIFO and SCHED_RR: 1 to 99, the most. */
  readonly priority?: number
  readonly flags?: readonly Constant<'sched_flag'>[]
  /** For SCHED_DEADLINE: it gets `runtime` in each `period`, before `deadline`. */
  readonly runtimeNanos?: number
  readonly deadlineNanos?: number
  readonly periodNanos?: number
}

/**
 * The thread is scheduled by this policy, and so are its children unless SCHED_FLAG_RESET_ON_FORK is among the flags.
 *
 * Real-time processes that never sleep stop everything else on their processors, but for 5 % of the time (sched_rt_runtime_us).
 *
 * @throws EPERM a real-time or deadline policy, or a lower nice value, without CAP_SYS_NICE and beyond RLIMIT_RTPRIO and RLIMIT_NICE;
 *   in a cgroup of version 1 without real-time bandwidth too
 * @throws EINVAL the priority is not one of the policy
 * @throws EBUSY there is no room for what SCHED_DEADLINE asks for
 * @see sched_setattr(2), sched(7)
 *
 * @example
 * ```ts
 * scheduler({ policy: 'SCHED_RR', priority: 10, flags: ['SCHED_FLAG_RESET_ON_FORK'] })
 * ```
 */
export function scheduler({ policy, nice, priority, flags, runtimeNanos, deadlineNanos, periodNanos }: Scheduler, why = 'it is to run when this policy says so'): Program {
  return [sys.sched_setattr(0, {
    sched_policy: policy,
    ...(flags === undefined ? {} : { sched_flags: flags }),
    ...(nice === undefined ? {} : { sched_nice: nice }),
    ...(priority === undefined ? {} : { sched_priority: priority }),
    ...(runtimeNanos === undefined ? {} : { sched_runtime: runtimeNanos }),
    ...(deadlineNanos === undefined ? {} : { sched_deadline: deadlineNanos }),
    ...(periodNanos === undefined ? {} : { sched_period: periodNanos }),
  }, why)]
}

/**
 * The process has this share of its processors compared with others: each step is about a quarter more, or less.
 *
 * @param value -20, the most, to 19; the kernel takes what is beyond for these
 * @throws EACCES a lower value than now, without CAP_SYS_NICE and below what RLIMIT_NICE allows
 * @see setpriority(2)
 */
export function nice(value: number, why = 'others come first, or it does'): Program {
  return [sys.setpriority('PRIO_PROCESS', 0, value, why)]
}

/**
 * The thread and its children run on these processors only, as long as their cpuset has them.
 *
 * @param cpus numbers as in /sys/devices/system/cpu
 * @throws EINVAL none of them is in the machine and the cpuset
 * @see sched_setaffinity(2)
 */
export function affinity(cpus: readonly number[], why = 'it is to stay on these processors'): Program {
  return [sys.sched_setaffinity(0, cpus, why)]
}
