import { readFileSync } from 'node:fs'
import { SyscallError } from '@ctr/syscall'
import { OciError } from '../oci-error.ts'

/** Where a machine says that it gives nobody a user namespace, or none to ordinary users: the file, the value that says so, and who has the file. */
const switches = [
  ['/proc/sys/user/max_user_namespaces', '0', 'any kernel'],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'Debian and its relatives'],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1', 'AppArmor, as in Ubuntu'],
] as const

/** The refusal of a user namespace with its cause, where that can be found; any other error as it is. */
export function explained(error: unknown): unknown {
  if (!(error instanceof SyscallError) || error.syscall !== 'clone3' || !['ENOSPC', 'EPERM'].includes(error.code) || !JSON.stringify(error.call.args).includes('CLONE_NEWUSER')) return error
  const cause = switches.find(([file, off]) => valueOf(file) === off)
  return cause ? new OciError(`clone3: ${error.code}: user namespaces are switched off here: ${cause[0]} is ${cause[1]}`, { code: error.code, cause: error }) : error
}

function valueOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').trim()
  } catch {
    // Not every kernel has them.
    return undefined
  }
}
