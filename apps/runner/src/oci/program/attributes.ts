import { ioPriority, memoryPolicy, scheduler, type Scheduler } from '@ctr/launch/calls'
import { sys, type Constant, type Program } from '@ctr/syscall'
import type { OciConfig } from '../config/config-shape.ts'
import { numbersOf } from '../config/number-list.ts'
import { ConfigError } from '../config/shape.ts'
import type { OciProcess, OciScheduler } from '../config/process-shape.ts'
import type { OciFacts } from '../facts.ts'

type Limit = number | 'RLIM64_INFINITY'

/** Calls in front of clone3, where the host's /proc is in view and ours to write to. What is not asked for stays as it is (OCI runtime-spec config.md, oomScoreAdj). */
export function hostAttributes({ oomScoreAdj }: OciProcess): Program {
  if (oomScoreAdj === undefined) return []
  return [
    sys.openat('AT_FDCWD', '/proc/self/oom_score_adj', ['O_WRONLY', 'O_CLOEXEC'], 0, { as: 'oom', why: 'the new process inherits the score from this one' }),
    sys.write({ fd: 'oom' }, String(oomScoreAdj), 'the container was asked to be a likelier, or a less likely, victim when memory runs out'),
    sys.close({ fd: 'oom' }, 'a descriptor of the host must not reach the container'),
  ]
}

/** The attributes of a process that were asked for, and those that Node has changed as they were before. */
export function attributes(config: OciConfig, process: OciProcess, facts: Pick<OciFacts, 'rlimits'>): Program {
  const asked = new Map<Constant<'rlimit'>, readonly [Limit, Limit]>((process.rlimits ?? []).map(({ type, soft, hard }, i) => [type, [limit(soft, i), limit(hard, i)]]))
  const before = Object.entries(facts.rlimits).filter(([name]) => !asked.has(name as Constant<'rlimit'>)) as [Constant<'rlimit'>, readonly [Limit, Limit]][]
  return [
    ...(config.linux?.personality ? [sys.personality(config.linux.personality.domain === 'LINUX32' ? 'PER_LINUX32' : 'PER_LINUX', 'the container was asked to see this machine so')] : []),
    ...(config.linux?.memoryPolicy ? memoryPolicy({ ...config.linux.memoryPolicy, nodes: numbersOf(config.linux.memoryPolicy.nodes ?? '') }) : []),
    ...before.map(([name, [soft, hard]]) => sys.prlimit64(0, name, { rlim_cur: soft, rlim_max: hard }, 'Node has raised it for itself')),
    ...(process.scheduler ? scheduler(schedulerOf(process.scheduler)) : []),
    ...(process.ioPriority ? ioPriority({ class: process.ioPriority.class, ...(process.ioPriority.class === 'IOPRIO_CLASS_IDLE' || process.ioPriority.priority === undefined ? {} : { level: process.ioPriority.priority }) }) : []),
    ...[...asked].map(([name, [soft, hard]]) => sys.prlimit64(0, name, { rlim_cur: soft, rlim_max: hard }, 'this limit was asked for')),
  ]
}

/** SCHED_ISO is a number that no kernel has a policy for (sched(7)): the shape lets it pass, the kernel could not. */
function schedulerOf({ policy, nice, priority, flags, runtime, deadline, period }: OciScheduler): Scheduler {
  if (policy === 'SCHED_ISO') throw new ConfigError('process.scheduler.policy', 'no kernel has SCHED_ISO')
  const nanos = (value: number | undefined) => value || undefined
  const [runtimeNanos, deadlineNanos, periodNanos] = [nanos(runtime), nanos(deadline), nanos(period)]
  const fixed = policy === 'SCHED_FIFO' || policy === 'SCHED_RR'
  return {
    policy, ...(nice === undefined || fixed ? {} : { nice }), ...(priority === undefined || !fixed ? {} : { priority }), ...(flags === undefined || flags.length === 0 ? {} : { flags }),
    ...(runtimeNanos === undefined ? {} : { runtimeNanos }), ...(deadlineNanos === undefined ? {} : { deadlineNanos }), ...(periodNanos === undefined ? {} : { periodNanos }),
  }
}

/** 2^64 - 1 is "none"; what is between that and 2^53 no program means. */
function limit(value: number | bigint, i: number): Limit {
  if (value === 2n ** 64n - 1n) return 'RLIM64_INFINITY'
  if (typeof value === 'bigint') throw new ConfigError(`process.rlimits[${i}]`, `${value} is more than 2^53 and not the value for "none", ${2n ** 64n - 1n}`)
  return value
}

export const umask = ({ user = {} }: OciProcess): Program => [sys.umask(user.umask ?? 0o022, 'files the command makes must have the modes that were asked for')]
