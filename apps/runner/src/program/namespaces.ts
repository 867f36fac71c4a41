import type { ContainerConfig } from '../config.ts'

/**
 * The namespaces that a container has of its own, by their clone3 flags: those it is made with, and those that a command joins. The
 * cgroup namespace is not among them, which is made, and joined, behind clone3.
 */
export function ownNamespaces({ network = 'none', pid, ipc, uts }: Pick<ContainerConfig, 'network' | 'pid' | 'ipc' | 'uts'>) {
  return [
    'CLONE_NEWNS' as const,
    ...(uts === 'host' ? [] : ['CLONE_NEWUTS' as const]),
    ...(ipc === 'host' ? [] : ['CLONE_NEWIPC' as const]),
    ...(pid === 'host' ? [] : ['CLONE_NEWPID' as const]),
    ...(network === 'host' ? [] : ['CLONE_NEWNET' as const]),
  ]
}
