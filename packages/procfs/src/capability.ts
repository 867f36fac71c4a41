// include/uapi/linux/capability.h, in order: bit 0 is CAP_CHOWN.
const NAMES = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_KILL', 'CAP_SETGID',
  'CAP_SETUID', 'CAP_SETPCAP', 'CAP_LINUX_IMMUTABLE', 'CAP_NET_BIND_SERVICE', 'CAP_NET_BROADCAST', 'CAP_NET_ADMIN',
  'CAP_NET_RAW', 'CAP_IPC_LOCK', 'CAP_IPC_OWNER', 'CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE', 'CAP_SYS_PACCT', 'CAP_SYS_ADMIN', 'CAP_SYS_BOOT', 'CAP_SYS_NICE', 'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG', 'CAP_MKNOD', 'CAP_LEASE', 'CAP_AUDIT_WRITE', 'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP', 'CAP_MAC_OVERRIDE', 'CAP_MAC_ADMIN', 'CAP_SYSLOG', 'CAP_WAKE_ALARM', 'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ', 'CAP_PERFMON', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE',
] as const

/** The kernel's name of a capability; a bit that is newer than this package's table is `CAP_` and its number. */
export type CapabilityName = (typeof NAMES)[number] | `CAP_${number}`

/**
 * The names of the capabilities in a mask such as status.capEff, in the kernel's order.
 *
 * @see capabilities(7), proc(5) CapEff
 * @example
 * capabilityNames(0x21n) // ['CAP_CHOWN', 'CAP_KILL']
 */
export function capabilityNames(mask: bigint): CapabilityName[] {
  const names: CapabilityName[] = []
  for (let bit = 0, rest = mask; rest > 0n; bit++, rest >>= 1n) {
    if ((rest & 1n) === 1n) names.push(NAMES[bit] ?? `CAP_${bit}`)
  }
  return names
}
