import { group, type Group, type Layout, type Limits } from '@ctr/cgroup'

/** The container's group in every hierarchy. Not below a group of ours: making and removing that too would take as long again. */
export const cgroupPath = (name: string): string => `/ctrun-${name}`

/** Only hierarchies that are used: each costs a mkdir, a join and an rmdir. */
export function containerGroup(layout: Layout, name: string, limits: Limits = {}): Group {
  const cpuset = limits.cpusetCpus !== undefined || limits.cpusetMems !== undefined
  return group(layout, cgroupPath(name), { controllers: ['cpu', 'cpuacct', 'memory', 'pids', 'freezer', ...(cpuset ? ['cpuset' as const] : [])] })
}
