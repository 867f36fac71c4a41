import type { FdRef, Program } from '@ctr/syscall'
import { writeKernelFile } from './kernel-file.ts'
import { mountRefusal } from './refusal.ts'

/** A namespace that has settings of its own. */
export type SettingsNamespace = 'ipc' | 'net' | 'uts'

export interface SysctlOptions {
  /** What `privateProc` opened. It stays open. */
  readonly proc: FdRef
  /** By name: `net.ipv4.ip_forward`, or with slashes where a part has a dot: `net/ipv4/conf/eth0.1/forwarding`. */
  readonly values: Readonly<Record<string, string>>
  /** The namespaces that are the container's own. All other settings are those of the machine, and are refused. */
  readonly own: readonly SettingsNamespace[]
}

/** ipc_namespaces(7) and uts_namespaces(7) */
const ipc: ReadonlySet<string> = new Set(['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map((name) => `kernel/${name}`))

/**
 * Kernel settings of a container's namespaces have their values, each written once and by itself (CVE-2022-0811).
 *
 * @throws TypeError a setting of the machine or of a namespace that is not the container's own; a value of more than one line
 * @throws ENOENT there is no such setting
 * @throws EINVAL the kernel does not take the value
 * @see sysctl(8)
 * @see OCI runtime-spec config-linux.md, Sysctl
 */
export function sysctls({ proc, values, own }: SysctlOptions): Program {
  return Object.entries(values).flatMap(([key, value]) => {
    const path = pathOf(key)
    const namespace = namespaceOf(path)
    if (namespace === undefined) throw mountRefusal('set what belongs to the whole machine', key)
    if (!own.includes(namespace)) throw mountRefusal(`set what belongs to the host without an own ${namespace} namespace`, key)
    if (/[\0\n]/.test(value)) throw mountRefusal(`set ${key} to more than one line`, value)
    return writeKernelFile({ proc, path: `sys/${path}`, value, why: `the container asked for ${key}` })
  })
}

/** The namespace that a setting belongs to, by its path below /proc/sys; undefined where it is the machine's. */
function namespaceOf(path: string): SettingsNamespace | undefined {
  if (path.startsWith('net/')) return 'net'
  if (ipc.has(path) || path.startsWith('fs/mqueue/')) return 'ipc'
  return path === 'kernel/domainname' || path === 'kernel/hostname' ? 'uts' : undefined
}

/** Whichever of dot and slash comes first separates; the other one then stands for itself (sysctl(8)). */
function pathOf(key: string): string {
  const path = /^[^/]*\./.test(key) ? key.replace(/[./]/g, (found) => (found === '.' ? '/' : '.')) : key
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) throw mountRefusal('find the setting', key)
  return path
}
