import { affinity, ioPriority, nice as niceValue, rlimits as limitTo, umask, type Limit } from '@ctr/launch/calls'
import { sys, type Constant, type Program } from '@ctr/syscall'
import type { Inherited } from '../facts.ts'
import type { Ulimit } from '../config.ts'
import { remembered } from './remembered.ts'

/**
 * What a service gets that systemd starts on a machine without configuration (systemd.exec(5)), the rest as the kernel gives it to its
 * first process (include/asm-generic/resource.h). A container must not depend on the limits of whoever started it.
 */
const defaults: Readonly<Record<string, readonly [Limit, Limit]>> = {
  RLIMIT_CPU: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_FSIZE: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_DATA: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_STACK: [8388608, 'RLIM64_INFINITY'],
  RLIMIT_CORE: [0, 'RLIM64_INFINITY'],
  RLIMIT_RSS: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_NPROC: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_NOFILE: [1024, 524288],
  RLIMIT_MEMLOCK: [8388608, 8388608],
  RLIMIT_AS: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_LOCKS: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
  RLIMIT_MSGQUEUE: [819200, 819200],
  RLIMIT_NICE: [0, 0],
  RLIMIT_RTPRIO: [0, 0],
  RLIMIT_RTTIME: ['RLIM64_INFINITY', 'RLIM64_INFINITY'],
}

const lower = (a: Limit, b: Limit): Limit => (a === 'RLIM64_INFINITY' ? b : b === 'RLIM64_INFINITY' ? a : Math.min(a, b))

const limit = (value: number | 'unlimited'): Limit => (value === 'unlimited' ? 'RLIM64_INFINITY' : value)

/** The kernel's name of a ulimit: `nofile` is `RLIMIT_NOFILE`. */
export function resourceName(ulimit: string): Constant<'rlimit'> {
  const name = `RLIMIT_${ulimit.toUpperCase()}`
  if (!Object.hasOwn(defaults, name) && name !== 'RLIMIT_SIGPENDING') throw new RangeError(`There is no ulimit ${JSON.stringify(ulimit)}: there are ${Object.keys(defaults).map((each) => each.slice(7).toLowerCase()).join(', ')}, sigpending`)
  return name as Constant<'rlimit'>
}

/** Before the cgroups are joined: a group without real-time bandwidth takes no real-time process (sched_rt_can_attach in kernel/sched/rt.c). */
export function resetPolicy({ policy }: Inherited): Program {
  return policy === 0 ? [] : [sys.sched_setscheduler(0, 'SCHED_OTHER', 0, 'a real-time container could stop the machine')]
}

/** Calls for what would be passed on from us to the command, and is not what a fresh system has. Needs the host's /proc in view. */
export function resetHostAttributes({ oomScoreAdj }: Inherited): Program {
  if (oomScoreAdj === 0) return []
  return [
    sys.openat('AT_FDCWD', '/proc/self/oom_score_adj', ['O_WRONLY', 'O_CLOEXEC'], 0, { as: 'oom', why: 'whoever started us may be protected from the out-of-memory killer' }),
    // Below what a more privileged process has set, only CAP_SYS_RESOURCE may go (proc(5)): then it stays the more likely victim.
    sys.write({ fd: 'oom' }, '0', { why: 'the container is to be killed like any other', allow: ['EACCES'] }),
    sys.close({ fd: 'oom' }, 'a descriptor of the host must not reach the payload'),
  ]
}

/** Calls that give the process the attributes of a fresh one, whatever we have, and the limits that were asked for. */
export const resetAttributes = remembered(({ nice, allCpus, rlimits, mayRaiseLimits }: Inherited, ulimits: Readonly<Record<string, Ulimit>> = {}): Program => {
  const asked = new Map(Object.entries(ulimits).map(([name, [soft, hard]]) => [resourceName(name) as string, [limit(soft), limit(hard)] as const]))
  const wanted = new Map([...Object.entries(defaults), ...asked])
  return [
    sys.keyctl('KEYCTL_JOIN_SESSION_KEYRING', null, { why: 'the keys of whoever started us are not for the container', allow: ['ENOSYS'] }),
    ...(nice === 0 ? [] : niceValue(0, 'our own nice value is not the container\'s')),
    ...(allCpus ? affinity(allCpus, 'the processors we are kept to are not the container\'s') : []),
    ...ioPriority({ class: 'IOPRIO_CLASS_NONE' }, 'our own input and output priority is not the container\'s'),
    sys.personality('PER_LINUX', 'addresses must be random, and versions true, whatever we were started with'),
    sys.prctl('PR_SET_TIMERSLACK', 50000, 'timers must not be coarser than the kernel makes them'),
    ...[...wanted].flatMap(([name, [soft, hard]]) => {
      const [ourSoft, ourHard] = rlimits[name] ?? []
      // What was asked for is tried, and refused by the kernel with a reason; what nobody asked for comes as near as we may.
      const top = asked.has(name) || mayRaiseLimits || ourHard === undefined ? hard : lower(hard, ourHard)
      const current = lower(soft, top)
      if (ourSoft === current && ourHard === top) return []
      return limitTo({ [name]: [current, top] }, asked.has(name) ? 'this limit was asked for' : 'our own limit is not the container\'s')
    }),
    ...umask(0o022, 'files the command makes must not be writable by others'),
  ]
})
