import { sys, type Constant, type Program } from '@ctr/syscall'

/** In the unit of the resource: bytes, seconds, microseconds of RLIMIT_RTTIME, or a count (getrlimit(2)). */
export type Limit = number | 'RLIM64_INFINITY'

/** By the kernel's name: soft and hard, or one value for both. */
export type Rlimits = { readonly [R in Constant<'rlimit'>]?: Limit | readonly [soft: Limit, hard: Limit] }

/**
 * What the process and its children may use is limited. The kernel enforces the soft limit, which may be raised up to the hard one again.
 *
 * Node raises its own soft RLIMIT_NOFILE to the hard one, and a child inherits that.
 *
 * @throws EPERM a hard limit is raised without CAP_SYS_RESOURCE, or RLIMIT_NOFILE is above fs.nr_open
 * @throws EINVAL never: a soft limit above its hard one is a RangeError
 * @see getrlimit(2)
 *
 * @example
 * ```ts
 * rlimits({ RLIMIT_NOFILE: [256, 1024], RLIMIT_CORE: 0 })
 * ```
 */
export function rlimits(limits: Rlimits, why = 'this limit was asked for'): Program {
  return Object.entries(limits).map(([name, value]) => {
    const [soft, hard] = typeof value === 'object' ? value : [value, value]
    if (amount(soft) > amount(hard)) throw new RangeError(`Cannot limit ${name} to ${soft}: it is above the hard limit, ${hard}`)
    return sys.prlimit64(0, name as Constant<'rlimit'>, { rlim_cur: soft, rlim_max: hard }, why)
  })
}

const amount = (limit: Limit) => (limit === 'RLIM64_INFINITY' ? Infinity : limit)
