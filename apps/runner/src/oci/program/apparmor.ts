import { sys, type Program } from '@ctr/syscall'
import { ConfigError, quoted } from '../config/shape.ts'
import type { OciFacts } from '../facts.ts'

/**
 * What the process, or the one that is cloned from it, executes next is confined by this profile. In front of clone3: there /proc is the
 * host's, and nothing of an image can stand in the place of the file (CVE-2019-16884, CVE-2023-28642).
 *
 * @param path of the profile in the configuration, for errors
 * @throws ConfigError the kernel has no AppArmor
 * @throws ENOENT (SyscallError) no such profile is loaded
 * @see aa_change_onexec(2); aa_dup_task_ctx in security/apparmor, by which a clone has it too
 */
export function apparmor(profile: string | undefined, { appArmor }: Pick<OciFacts, 'appArmor'>, path: string): Program {
  if (!profile) return []
  if (!appArmor) throw new ConfigError(path, `${quoted(profile)} cannot confine it: this kernel has no AppArmor, or does not use it`)
  const value = `exec ${profile}`
  return [
    sys.openat('AT_FDCWD', '/proc/self/attr/apparmor/exec', ['O_WRONLY', 'O_CLOEXEC'], 0, { as: 'profile', why: 'only the process itself may choose its profile' }),
    sys.write({ fd: 'profile' }, value, { why: 'the command must be confined by this profile, which has to be loaded', returns: new TextEncoder().encode(value).length }),
    sys.close({ fd: 'profile' }, 'a descriptor of the host must not reach the container'),
  ]
}
