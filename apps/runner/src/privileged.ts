import { readFileSync } from 'node:fs'
import { constant } from '@ctr/syscall'

/** Whether we may make namespaces and mounts: what root may in the user namespace that we are in (CAP_SYS_ADMIN). */
export function isPrivileged(): boolean {
  const [, effective = '0'] = readFileSync('/proc/self/status', 'utf8').split('\nCapEff:\t')
  return ((BigInt(`0x${effective.slice(0, 16)}`) >> BigInt(constant('CAP_SYS_ADMIN'))) & 1n) === 1n
}
