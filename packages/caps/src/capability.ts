import { families, type Constant } from '@ctr/syscall'

/** A capability by the name it has in linux/capability.h. */
export type Capability = Constant<'capability'>

/** All capabilities in the order of their bits: `CAP_CHOWN` is bit 0. */
export const capabilities: readonly Capability[] = families.capability

/**
 * What Docker grants where nothing else is asked for.
 *
 * @see https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities
 */
export const defaultCapabilities: readonly Capability[] = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW', 'CAP_SYS_CHROOT', 'CAP_MKNOD', 'CAP_AUDIT_WRITE', 'CAP_SETFCAP',
]

/** The same capabilities, each once, in the order of their bits. */
export function sorted(names: readonly Capability[]): Capability[] {
  const set = new Set(names)
  return capabilities.filter((name) => set.has(name))
}
