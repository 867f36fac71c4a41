import { readFileSync } from 'node:fs'
import { isPrivileged } from '../privileged.ts'

/** Who we are, as far as it decides what a container can be given. */
export interface Caller {
  readonly uid: number
  readonly gid: number
  /** We may do what root may in the user namespace that we are in (CAP_SYS_ADMIN). */
  readonly privileged: boolean
  /** That is not the first one of the machine: devices, the host's groups and its parameters are out of reach, whoever we are in it. */
  readonly inUserNamespace: boolean
  /** Whether groups can be set in it, and in those below it. */
  readonly setgroups: boolean
}

/** The caller that is root of the whole machine. */
export const root: Caller = { uid: 0, gid: 0, privileged: true, inUserNamespace: false, setgroups: true }

export function readCaller(): Caller {
  return {
    uid: process.geteuid!(), gid: process.getegid!(),
    privileged: isPrivileged(),
    // The first one maps every ID to itself (user_namespaces(7)).
    inUserNamespace: readFileSync('/proc/self/uid_map', 'utf8').split(' ').filter(Boolean).join(' ') !== '0 0 4294967295\n',
    setgroups: maySetGroups('self'),
  }
}

/** Whether groups can be set in the user namespace of a process. */
export const maySetGroups = (pid: number | 'self'): boolean => readFileSync(`/proc/${pid}/setgroups`, 'utf8').trim() === 'allow'

/** Devices can be made, and groups be had of every controller, by root of the machine alone. */
export const isRootless = ({ privileged, inUserNamespace }: Caller): boolean => !privileged || inUserNamespace
