import { cgroupFindings } from './cgroup-findings.ts'
import type { DoctorFacts } from './facts.ts'
import { finding, type Finding } from './finding.ts'
import { rootlessFindings } from './rootless-findings.ts'

/** What a machine can and cannot do for `ctrun` and `ctrun-oci`, a line each. Nothing is read, and nothing is tried. */
export function diagnose(facts: DoctorFacts): Finding[] {
  return [node(facts), kernel(facts), namespaces(facts), executables(facts), ...cgroupFindings(facts), ...rootlessFindings(facts), ...seccomp(facts), ...labels(facts), ...filesystems(facts), ...stores(facts)]
}

/** Whether anything can be made here at all. */
export const usable = (findings: readonly Finding[]): boolean => findings.every(({ needed, verdict }) => !needed || verdict !== 'no')

/** Whether a version is this one or a later one. */
function atLeast(version: string, least: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => parseInt(part, 10))
  return major > least[0] || (major === least[0] && minor >= least[1])
}

function node({ node, arch }: DoctorFacts): Finding {
  const known = arch === 'x64' || arch === 'arm64'
  if (!known) return finding('node', 'no', `${node} on ${arch}: programs are assembled for x64 and arm64`, { needed: true })
  return finding('node', atLeast(node, [20, 19]) ? 'yes' : 'no', `${node} ${arch}; 20.19 is needed`, { needed: true, fix: 'install a newer Node' })
}

function kernel({ kernel }: DoctorFacts): Finding {
  if (!atLeast(kernel, [5, 14])) return finding('kernel', 'no', `${kernel}; 5.14 is needed`, { needed: true, fix: 'install a newer kernel' })
  if (!atLeast(kernel, [6, 3])) return finding('kernel', 'partly', `${kernel}; since 6.3 a tmpfs can have mapped IDs`)
  return finding('kernel', 'yes', `${kernel}; 5.14 is needed`, { needed: true })
}

const everyNamespace = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']

function namespaces({ namespaces }: DoctorFacts): Finding {
  const missing = everyNamespace.filter((name) => !namespaces.includes(name))
  if (missing.length > 0) return finding('namespaces', 'no', `this kernel has none of ${missing.join(', ')}`, { needed: true, fix: 'a kernel with CONFIG_NAMESPACES and all below it' })
  if (!namespaces.includes('time')) return finding('namespaces', 'partly', 'all but time: containers cannot have clocks of their own', { fix: 'a kernel with CONFIG_TIME_NS' })
  return finding('namespaces', 'yes', namespaces.join(' '), { needed: true })
}

/** @see Documentation/admin-guide/sysctl/vm.rst, memfd_noexec */
function executables({ sysctls }: DoctorFacts): Finding {
  if (sysctls['vm/memfd_noexec'] === '2') return finding('memfd', 'partly', 'vm.memfd_noexec is 2: the file of @ctr/launch is executed in the place of memory', { fix: 'sysctl vm.memfd_noexec=1' })
  return finding('memfd', 'yes', 'what is executed first in a container is in sealed memory')
}

function seccomp({ sysctls }: DoctorFacts): Finding[] {
  const actions = sysctls['kernel/seccomp/actions_avail']?.split(' ')
  if (!actions) return [finding('seccomp', 'no', 'this kernel filters no system calls: containers need --security-opt seccomp=unconfined', { fix: 'a kernel with CONFIG_SECCOMP_FILTER' })]
  return [finding('seccomp', actions.includes('user_notif') ? 'yes' : 'partly', `actions: ${actions.join(' ')}`, { fix: 'a kernel with SECCOMP_RET_USER_NOTIF, for agents that decide about calls' })]
}

function labels({ appArmor, seLinux }: DoctorFacts): Finding[] {
  const used = [...(appArmor ? ['AppArmor'] : []), ...(seLinux ? ['SELinux'] : [])]
  if (used.length === 0) return [finding('labels', 'no', 'this kernel uses neither AppArmor nor SELinux: a configuration that names a profile or a label is an error', { fix: 'boot with security=apparmor or security=selinux, where the kernel has it' })]
  return [finding('labels', 'yes', `${used.join(' and ')}, for ctrun-oci; ctrun asks for none`)]
}

function filesystems({ filesystems, loadable, resctrl, programs, overProc, privileged }: DoctorFacts): Finding[] {
  const has = (type: string) => filesystems.includes(type)
  return [
    has('overlay') ? finding('overlay', 'yes', 'roots can be copy-on-write')
      : finding('overlay', 'no', 'ctrun run host needs it, for its copy-on-write root', { fix: loadable.includes('overlay') ? 'modprobe overlay' : 'a kernel with CONFIG_OVERLAY_FS' }),
    // Whoever sees all of a proc in a user namespace must have seen it before (mount_too_revealing in fs/namespace.c).
    overProc.length === 0 || privileged ? finding('proc', 'yes', 'containers can have a proc of their own')
      : finding('proc', 'no', `something is mounted over ${overProc.slice(0, 3).join(', ')}: no user namespace can mount proc here, as within a container of Docker`, { fix: 'run it outside of that container, or give that --security-opt systempaths=unconfined' }),
    resctrl !== undefined ? finding('resctrl', 'yes', `${resctrl}: linux.intelRdt`)
      : finding('resctrl', 'no', 'linux.intelRdt is an error', { fix: has('resctrl') ? 'mount -t resctrl resctrl /sys/fs/resctrl' : 'a processor and a kernel that have it' }),
    privileged && programs.includes('criu') ? finding('checkpoint', 'yes', 'ctrun-oci checkpoint and restore; criu check tells whether CRIU knows this kernel')
      : finding('checkpoint', 'no', 'ctrun-oci checkpoint and restore are an error', { fix: programs.includes('criu') ? 'as root' : 'apt install criu' }),
  ]
}

function stores({ stores, uid }: DoctorFacts): Finding[] {
  return Object.entries(stores).map(([name, { path, writable }]) => finding(`state of ${name}`, writable ? 'yes' : 'no', writable ? path : `${path} cannot be written to: nothing can be written down of a container`,
    { needed: true, fix: uid === 0 ? 'a tmpfs on /run' : 'set XDG_RUNTIME_DIR to a directory of your own, as a login does' }))
}
