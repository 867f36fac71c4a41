import { sys, type Program } from '@ctr/syscall'
import { ConfigError, quoted } from '../config/shape.ts'
import type { OciFacts } from '../facts.ts'

/**
 * What the process, or the one that is cloned from it, executes next has this label, and so have the keyrings that it makes until then:
 * execve(2) takes both back. In front of clone3, as with AppArmor: there /proc is the host's (CVE-2019-16884, CVE-2025-52881).
 *
 * @param how.newKeyring it gets a session keyring, which the command could not use with the label of whoever started it
 * @param path of the label in the configuration, for errors
 * @throws ConfigError the kernel has no SELinux
 * @throws EINVAL (SyscallError) the policy knows no such label
 * @throws EACCES (SyscallError) the policy does not let us choose it
 * @see selinux_setprocattr, selinux_cred_prepare, selinux_bprm_creds_for_exec in security/selinux/hooks.c
 */
export function selinux(label: string | undefined, facts: Pick<OciFacts, 'seLinux'>, path: string, { newKeyring }: { readonly newKeyring: boolean }): Program {
  if (!usable(label, facts, path)) return []
  return [...chosen('exec', label, 'the command must have this label, which the policy has to know'), ...(newKeyring ? chosen('keycreate', label, 'the command must be able to use its session keyring') : [])]
}

/**
 * The label of what is in new file systems.
 *
 * @throws ConfigError the kernel has no SELinux
 */
export function mountLabel(label: string | undefined, facts: Pick<OciFacts, 'seLinux'>): { readonly mountLabel?: string } {
  return usable(label, facts, 'linux.mountLabel') ? { mountLabel: label } : {}
}

function usable(label: string | undefined, { seLinux }: Pick<OciFacts, 'seLinux'>, path: string): label is string {
  if (!label) return false
  if (!seLinux) throw new ConfigError(path, `${quoted(label)} would be no protection: this kernel has no SELinux, does not use it, or has no policy`)
  return true
}

function chosen(attribute: 'exec' | 'keycreate', label: string, why: string): Program {
  const file = { fd: 'label' }
  return [
    sys.openat('AT_FDCWD', `/proc/self/attr/${attribute}`, ['O_WRONLY', 'O_CLOEXEC'], 0, { as: file.fd, why: 'only the process itself may choose its label' }),
    sys.write(file, label, { why, returns: new TextEncoder().encode(label).length }),
    sys.close(file, 'a descriptor of the host must not reach the container'),
  ]
}
