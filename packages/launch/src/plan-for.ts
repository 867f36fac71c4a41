import { sys, type Program } from '@ctr/syscall'
import { checkpoint } from './checkpoint.ts'
import type { LaunchOptions } from './options.ts'
import { plan, type Plan } from './plan.ts'
import { numbersAbove, stdioList } from './stdio-list.ts'

/**
 * All calls that `launch` would make, in order, as data. Nothing is opened and nothing happens.
 *
 * @param program the calls the process is to make
 * @returns what `explain`, `check` and `assemble` take
 * @throws {TypeError} a flag is no namespace, a name is taken, or the program closes its control socket
 * @throws {RangeError} there are more calls than the status page has rows
 *
 * @example
 * ```ts
 * const { program, open } = planFor([sys.execve('/bin/true', ['true'], [], 'what it is all for')], { namespaces: ['CLONE_NEWPID'] })
 * console.log(explain(program, { open }).join('\n'))
 * ```
 */
export function planFor(program: Program, options: LaunchOptions = {}): Plan {
  const { join, pass = {}, stage = [], idMaps, cgroup } = options
  return plan([...(idMaps ? checkpoint('idmap') : []), ...program], {
    namespaces: options.namespaces, orphan: options.orphan, forks: options.forks, detached: options.detached, name: options.name, fork: join !== undefined,
    kept: numbersAbove(stdioList(options.stdio)),
    pass: [...(join ? ['joined'] : []), ...(cgroup === undefined ? [] : ['cgroup']), ...Object.keys(pass)],
    cgroup: cgroup === undefined ? undefined : 'cgroup', cgroupBy: options.cgroupBy,
    stage: [...stage, ...(join ? [sys.setns({ fd: 'joined' }, join.namespaces, 'what is created from here on must be inside')] : [])],
    lateDumpable: idMaps !== undefined, traceable: options.traceable,
  })
}
