import { sys, type Constant, type Program } from '@ctr/syscall'

/** On which memory nodes (NUMA) the kernel takes memory, and how it chooses among them. */
export interface MemoryPolicy {
  readonly mode: Constant<'mempolicy'>
  /** Numbers as in /sys/devices/system/node. MPOL_DEFAULT and MPOL_LOCAL have none. */
  readonly nodes?: readonly number[]
  readonly flags?: readonly Constant<'mempolicy_flag'>[]
}

/**
 * Memory that the thread touches first is taken from these nodes, and so is that of its children.
 *
 * @throws EINVAL none of the nodes is in the machine and the cpuset; a mode that needs nodes has none, or one that has none got some; a
 *   flag is not for the mode
 * @throws ENOSYS a kernel without NUMA
 * @see set_mempolicy(2)
 * @since MPOL_WEIGHTED_INTERLEAVE: Linux 6.9; MPOL_PREFERRED_MANY: 5.15
 *
 * @example
 * ```ts
 * memoryPolicy({ mode: 'MPOL_BIND', nodes: [0], flags: ['MPOL_F_STATIC_NODES'] })
 * ```
 */
export function memoryPolicy({ mode, nodes = [], flags = [] }: MemoryPolicy, why = 'its memory is to be near, or spread, as was asked for'): Program {
  return [sys.set_mempolicy([mode, ...flags], nodes, why)]
}
