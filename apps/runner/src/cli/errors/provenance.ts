import type { Syscall } from '@ctr/syscall'
import { limitWrites, type Layout } from '@ctr/cgroup'
import type { ContainerConfig } from '../../config.ts'
import { container, containerPlan } from '../../container.ts'
import type { Facts } from '../../facts.ts'
import type { Arguments, Given } from '../flags/flag.ts'
import { runConfig } from '../flags/run-config.ts'

/** What is being asked of a configuration: whether it still has what went wrong in it. */
type Has = (config: ContainerConfig) => boolean

/**
 * The flag that something goes back to: without it, it would not be there. The program is data, so it is simply written down again,
 * once for each flag.
 */
export function flagBehind(args: Arguments, has: Has): string | undefined {
  const guilty = args.given.filter((given) => !has(without(args, given)))
  return guilty.at(-1)?.text
}

function without(args: Arguments, given: Given): ContainerConfig {
  return runConfig(args.without(given))
}

/** Where a call of the program comes from: a flag, the image, the command, or nothing that was asked for. */
export function originOfCall(call: Syscall, args: Arguments, config: ContainerConfig, facts: Facts): string | undefined {
  if (call.name === 'execve') return config.args[0] === args.one('entrypoint') ? `--entrypoint ${config.args[0]}` : `COMMAND ${config.args[0]}`
  const key = (each: Syscall) => JSON.stringify([each.name, each.args])
  const count = (each: ContainerConfig) => containerPlan(container({ name: 'c', ...each }, facts)).program.filter((one) => key(one) === key(call)).length
  try {
    const all = count(config)
    if (all === 0) return undefined
    const flag = flagBehind(args, (each) => count(each) === all)
    if (flag !== undefined) return flag
    return config.rootfs !== 'host' && count({ ...config, rootfs: '/' }) < all ? `IMAGE ${args.operands[0]}` : undefined
  } catch {
    return undefined
  }
}

/** The flag behind a file of the cgroup. */
export function originOfLimit(file: string, args: Arguments, layout: Layout): string | undefined {
  return flagBehind(args, (config) => limitWrites(layout, config.limits ?? {}).some((write) => write.file === file))
}

/** The flag without which a configuration would be in order. */
export function originOfRefusal(args: Arguments, accept: (config: ContainerConfig) => unknown): string | undefined {
  return flagBehind(args, (config) => {
    try {
      accept(config)
      return false
    } catch {
      return true
    }
  })
}
