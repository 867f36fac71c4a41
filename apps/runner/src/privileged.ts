import { readFileSync } from 'node:fs'
import { constant } from '@ctr/syscall'

/** Whether we may make namespaces and mounts: what root may in the user namespace that we are in (CAP_SYS_ADMIN). */
export function isPrivileged(): boolean {
  const effective = /^CapEff:\s*([\da-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
  return ((BigInt(`0x${effective}`) >> BigInt(constant('CAP_SYS_ADMIN'))) & 1n) === 1n
}
